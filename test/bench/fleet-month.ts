import { LOAD } from "./fleet-load.ts";
import { type Counts, sumOf } from "./fleet-counts.ts";
import type { FleetResult } from "./fleet-result.ts";

/** What a month of a fleet is made of, on any cloud; pods' questions for configurations aside. */
export interface Month {
  readonly clusters: number;
  readonly gateways: number;
  readonly edits: number;
  /** Calls of each function: event, resync, reconcile, look. */
  readonly calls: Counts;
  /** Seconds that the calls of each function last, on a whole CPU; and those of the CPU among them. */
  readonly seconds: Counts;
  readonly cpu: Counts;
  readonly reads: number;
  readonly writes: number;
  /** Sent to the queue, and handed out by it. */
  readonly sent: number;
  readonly delivered: number;
  readonly logBytes: number;
  /** Requests to the API servers of all clusters. */
  readonly api: number;
  /** Share of passes that are the first of their instance over this cluster. */
  readonly cold: number;
}

type Phases = FleetResult["runs"][number]["phases"];

/** Counts of one cluster, by phase: of the largest fleet of such clusters that went through it. */
export function perCluster({ runs }: FleetResult, gateways: number): Phases {
  const own = runs.filter((one) => one.gateways === gateways).sort((a, b) => a.clusters - b.clusters);
  if (own.length === 0) throw new Error(`no fleet of clusters of ${gateways} Gateways was run`);
  return Object.fromEntries(own.flatMap(({ clusters, phases }) => Object.entries(phases).map(([phase, counts]) => [phase, share(counts, clusters)])));
}

function share(counts: Counts, clusters: number): Counts {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count / clusters]));
}

export function monthOf(result: FleetResult, clusters: number, gateways: number): Month {
  const phases = perCluster(result, gateways);
  const took = result.took[String(gateways)] ?? {};
  const resyncs = LOAD.secondsPerMonth / LOAD.resync;
  const edits = LOAD.edits * gateways;
  const passTime = (took["resync reconcile"]?.wall ?? 0) / 1000;
  const cold = coldShare((clusters * passTime) / LOAD.resync);
  const parts: readonly (readonly [string, number])[] = [["resync", resyncs * (1 - cold)], ["cold", resyncs * cold], ["edit", edits], ["foreign", edits * LOAD.foreign]];
  const total = (name: string): number => clusters * parts.reduce((sum, [phase, times]) => sum + times * (phases[phase]?.[name] ?? 0), 0);
  const functions = ["event", "resync", "reconcile", "look"];
  const timeOf = (part: "wall" | "cpu"): Counts => Object.fromEntries(functions.map((name) => [name, clusters * parts.reduce((sum, [phase, times]) => sum + times * (phases[phase]?.[`call ${name}`] ?? 0) * ((took[`${phase} ${name}`]?.[part] ?? 0) / 1000), 0)]));
  return {
    clusters, gateways, cold, edits: edits * clusters,
    calls: Object.fromEntries(functions.map((name) => [name, total(`call ${name}`)])),
    seconds: timeOf("wall"),
    cpu: timeOf("cpu"),
    reads: total("store get"),
    writes: total("store put") + total("store list"),
    sent: total("queue send"),
    delivered: total("queue delivered"),
    logBytes: total("log bytes"),
    api: clusters * parts.reduce((sum, [phase, times]) => sum + times * (sumOf(phases[phase] ?? {}, "api ") - (phases[phase]?.["api bytes"] ?? 0)), 0),
  };
}

/** @param busy how many passes run at a time, on average */
function coldShare(busy: number): number {
  const instances = Math.min(LOAD.reconcilesAtOnce, Math.max(1, Math.ceil(busy)));
  const passes = LOAD.life / LOAD.resync;
  // Each pass comes to one of the instances by chance.
  return (instances * (1 - (1 - 1 / instances) ** passes)) / passes;
}
