import { ALL_PORTS, type PortRange } from "./endpoint.ts";
import { contains, covers, type ParsedEndpoint } from "./parsed-endpoint.ts";

/** An endpoint and the route that it is of. */
export interface RouteEndpoint {
  readonly route: string;
  readonly endpoint: ParsedEndpoint;
}

/** A block of addresses that some endpoint names, and the route that decides there. */
export interface Decided {
  readonly endpoint: ParsedEndpoint;
  /** The least of the routes that have all of the block: the cluster that stunnerd asks. */
  readonly route: string;
  /** All ranges that this route opens for the block. */
  readonly ranges: readonly PortRange[];
  /** Place in the list of the first block behind all that are inside this one. */
  end: number;
  /** Whether there is an address in the block whose decider does not open all ports. */
  limited: boolean;
}

/** All blocks, each before those inside it: so what is inside a block stands right behind it. */
export function decidersOf(endpoints: readonly RouteEndpoint[]): readonly Decided[] {
  const decided: Decided[] = [];
  const around: Decided[] = [];
  for (const same of blocks(endpoints)) {
    const [{ endpoint } = { endpoint: undefined }] = same;
    if (!endpoint) continue;
    while (isOutside(around.at(-1), endpoint)) close(around, decided);
    const decision = decide(around.at(-1), same);
    const one: Decided = { endpoint, ...decision, end: 0, limited: !covers(decision.ranges, ALL_PORTS) };
    decided.push(one);
    around.push(one);
  }
  while (around.length > 0) close(around, decided);
  return decided;
}

const isOutside = (outer: Decided | undefined, endpoint: ParsedEndpoint): boolean => outer !== undefined && !contains(outer.endpoint, endpoint);

function close(around: Decided[], decided: readonly Decided[]): void {
  const inner = around.pop();
  if (!inner) return;
  inner.end = decided.length;
  const outer = around.at(-1);
  if (outer && inner.limited) outer.limited = true;
}

/** A route that is less than the one that decides around the block decides inside it; the same one adds its ranges. */
function decide(outer: Decided | undefined, same: readonly RouteEndpoint[]): Pick<Decided, "route" | "ranges"> {
  const least = same.map((one) => one.route).reduce((a, b) => (a < b ? a : b));
  if (outer && outer.route < least) return { route: outer.route, ranges: outer.ranges };
  const own = same.filter((one) => one.route === least).map((one) => one.endpoint.range);
  return { route: least, ranges: outer?.route === least ? [...outer.ranges, ...own] : own };
}

/** Endpoints by block, in the order of their first address, wider blocks first. */
function blocks(endpoints: readonly RouteEndpoint[]): RouteEndpoint[][] {
  const key = ({ endpoint: { family, network } }: RouteEndpoint) => `${family} ${network.first} ${network.last}`;
  return [...Map.groupBy(endpoints, key).values()].sort(([a], [b]) => (a && b ? compare(a.endpoint, b.endpoint) : 0));
}

function compare(a: ParsedEndpoint, b: ParsedEndpoint): number {
  if (a.family !== b.family) return a.family < b.family ? -1 : 1;
  if (a.network.first !== b.network.first) return a.network.first < b.network.first ? -1 : 1;
  return a.network.last > b.network.last ? -1 : 1;
}
