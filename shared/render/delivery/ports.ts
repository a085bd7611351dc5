import { createHash } from "node:crypto";
import { HEALTH_CHECK_PORT, METRICS_PORT, TARGETPORT_ANNOTATION } from "../../resources/constants.ts";
import type { Gateway } from "../../resources/gateway.ts";
import { keyOf } from "../../resources/meta.ts";
import { parsePortMap } from "../port-map.ts";

/** Below the node ports and what systems give to clients; above what programs are known by. */
const FIRST = 14_000;
const COUNT = 16_000;

/**
 * A loopback port for the proxy of each Gateway, by `namespace/name`: with `hostNetwork` several share one node. It follows
 * from namespace, name and UID; where two meet, the older Gateway has it and the younger one the next, so that one that
 * is added never moves another. What any of them listens on, under either name of its port, is left out.
 */
export function proxyPorts(gateways: readonly Gateway[]): ReadonlyMap<string, number> {
  const taken = new Set([HEALTH_CHECK_PORT, METRICS_PORT, ...gateways.flatMap(listenerPorts)]);
  const ports = new Map<string, number>();
  for (const gateway of [...gateways].sort(byAge)) {
    const { namespace = "", name, uid = "" } = gateway.metadata;
    const start = createHash("sha256").update(JSON.stringify([namespace, name, uid])).digest().readUInt32BE();
    const port = firstFree(start, taken);
    taken.add(port);
    ports.set(keyOf(gateway), port);
  }
  return ports;
}

/** With more Gateways than ports, one that another has too. */
function firstFree(start: number, taken: ReadonlySet<number>): number {
  for (let step = 0; step < COUNT; step++) {
    const port = FIRST + ((start + step) % COUNT);
    if (!taken.has(port)) return port;
  }
  return FIRST + (start % COUNT);
}

function listenerPorts({ metadata, spec }: Gateway): number[] {
  const targets = parsePortMap(metadata.annotations?.[TARGETPORT_ANNOTATION] ?? "");
  return [...spec.listeners.map(({ port }) => port), ...(targets?.values() ?? [])];
}

function byAge(a: Gateway, b: Gateway): number {
  const [one, other] = [a, b].map((gateway) => `${gateway.metadata.creationTimestamp ?? ""} ${keyOf(gateway)}`) as [string, string];
  return one < other ? -1 : Number(one > other);
}
