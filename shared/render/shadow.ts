import type { StunnerdListener } from "../resources/stunnerd-config.ts";
import type { Context } from "./context.ts";
import { contains, covers, parseEndpoint, type ParsedEndpoint } from "./parsed-endpoint.ts";
import type { Route } from "./route.ts";

/** An endpoint of a route that comes earlier in the order of names. */
interface Earlier {
  readonly route: string;
  readonly endpoint: ParsedEndpoint;
}

/**
 * stunnerd asks only the first cluster, in the order of their names, that contains a peer's address; the port ranges
 * of a later one never count for that address (spec/stunnerd.md 7.3). Clusters are not merged, which would widen what
 * a listener may reach; the route in the shadow is told (improvements I36).
 */
export function noteShadowedRoutes(context: Context, listener: StunnerdListener, routes: readonly Route[]): void {
  // Routes that all open the same ports cast no shadow, which spares nearly every listener the comparison.
  if (routes.length < 2 || rangesOf(context, routes).size < 2) return;
  const single = new Map<string, Earlier[]>();
  const prefixes: Earlier[] = [];
  for (const route of [...routes].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const cluster = context.clusters.get(route)?.cluster;
    if (cluster?.type !== "STATIC") continue;
    const endpoints = (cluster.endpoints ?? []).map(parseEndpoint);
    const shade = firstShade(endpoints, single, prefixes);
    if (shade) note(context, route, `on listener ${listener.name} route ${shade.route} comes first for ${shade.address}, and only its ports count there`);
    for (const endpoint of endpoints) {
      const entry = { route: route.key, endpoint };
      if (endpoint.prefix) prefixes.push(entry);
      else single.set(endpoint.address, [...(single.get(endpoint.address) ?? []), entry]);
    }
  }
}

function rangesOf(context: Context, routes: readonly Route[]): Set<string> {
  const endpoints = routes.flatMap((route) => context.clusters.get(route)?.cluster?.endpoints ?? []);
  return new Set(endpoints.map((one) => one.slice(one.lastIndexOf("<") + 1 || one.length)));
}

/** Where, for the first time, an earlier route decides and does not let all ports through. */
function firstShade(endpoints: readonly ParsedEndpoint[], single: ReadonlyMap<string, Earlier[]>, prefixes: readonly Earlier[]) {
  for (const endpoint of endpoints) {
    const singles = endpoint.prefix ? [...single.values()].flat() : (single.get(endpoint.address) ?? []);
    const rivals = [...singles, ...prefixes];
    const inside = rivals.map((one) => one.endpoint).filter((rival) => contains(endpoint, rival));
    for (const region of [...inside, endpoint]) {
      const deciding = rivals.filter((one) => contains(one.endpoint, region));
      // Names are in order, so the least of them is the cluster that stunnerd asks.
      const route = deciding.map((one) => one.route).sort()[0];
      if (route === undefined) continue;
      const ranges = deciding.filter((one) => one.route === route).map((one) => one.endpoint.range);
      if (!covers(ranges, endpoint.range)) return { route, address: region.address };
    }
  }
  return undefined;
}

function note(context: Context, route: Route, text: string): void {
  const notes = context.routeNotes.get(route.key) ?? new Set<string>();
  context.routeNotes.set(route.key, notes.add(text));
}
