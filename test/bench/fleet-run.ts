import { childOf, listOf, textOf } from "../support/json.ts";
import type { Counts } from "./fleet-counts.ts";
import { member, namespaceOf, slice } from "./fleet-objects.ts";
import { createWorld, type Took, type World, type WorldOptions } from "./fleet-world.ts";

/** What happens to every cluster of the fleet, once each. */
export const PHASES = ["first", "resync", "cold", "edit", "foreign", "add", "poll", "fetch"] as const;
export type Phase = (typeof PHASES)[number];

/** Not for thousands of clusters: they take long, and are linear as the others are. */
const LONG: ReadonlySet<Phase> = new Set(["add"]);
const MANY = 100;
/** As on AWS, for every cloud: of `proxy` what differs is how pods ask, and that is not counted here. */
const ENV = { STUNNER_DELIVERY: "pull" };

export interface FleetRun {
  readonly clusters: number;
  readonly gateways: number;
  /** Counts of all clusters together. */
  readonly phases: Readonly<Partial<Record<Phase, Counts>>>;
  readonly took: ReadonlyMap<string, readonly Took[]>;
  /** Bytes that an instance keeps for each cluster that it has passed over; undefined without --expose-gc. */
  readonly kept: number | undefined;
}

/** Runs a fleet of so many clusters of so many Gateways through everything that a month is made of. */
export async function runFleet(options: Omit<WorldOptions, "env"> & { readonly gateways: number }): Promise<FleetRun> {
  const world = await createWorld({ ...options, env: ENV });
  try {
    const phases: Partial<Record<Phase, Counts>> = {};
    const took = new Map<string, readonly Took[]>();
    let kept: number | undefined;
    for (const phase of PHASES) {
      if (phase === "fetch") kept = keptBy(world);
      if (options.clusters >= MANY && LONG.has(phase)) continue;
      world.counter.take();
      world.took.clear();
      await steps[phase](world, options.gateways);
      phases[phase] = world.counter.take();
      for (const [name, times] of world.took) took.set(`${phase} ${name}`, times);
    }
    return { clusters: options.clusters, gateways: options.gateways, phases, took, kept };
  } finally {
    await world.stop();
  }
}

/** Times are medians. */
const TIMES = 5;

const steps: Readonly<Record<Phase, (world: World, gateways: number) => Promise<void>>> = {
  /** Clusters that have all their Gateways are taken over: everything is made, addresses are given. */
  async first(world, gateways) {
    for (const cluster of world.clusters.values()) for (let n = 0; n < gateways; n++) for (const object of member(n)) cluster.seed(object);
    world.hear(false);
    for (let pass = 0; pass < 3; pass++) {
      for (const name of world.clusters.keys()) await world.resync(name);
      await settled(world, gateways);
    }
    world.hear(true);
  },
  /** The timer of each cluster; nothing has changed. */
  async resync(world) {
    for (let run = 0; run < (world.isTimed ? TIMES : 1); run++) {
      for (const name of world.clusters.keys()) await world.resync(name);
      await world.settle();
    }
  },
  /** The same, by instances that have just begun. */
  async cold(world) {
    world.restart();
    for (const name of world.clusters.keys()) await world.resync(name);
    await world.settle();
  },
  /** The pods behind one Gateway are replaced. */
  async edit(world, gateways) {
    for (const cluster of world.clusters.values()) cluster.put(slice(gateways - 1, ["10.246.0.1", "10.246.0.2"]));
    await world.settle();
  },
  /** The pods of a Service that no route leads to. */
  async foreign(world) {
    for (const cluster of world.clusters.values()) cluster.put(slice(0, ["10.247.0.1"], "web"));
    await world.settle();
  },
  /** One Gateway more. */
  async add(world, gateways) {
    for (const cluster of world.clusters.values()) for (const object of member(gateways)) cluster.put(object);
    await settled(world, gateways + 1);
  },
  /** Each pod asks once, spread over ten seconds, and nothing has changed. */
  async poll(world, gateways) {
    await askAll(world, gateways, "fetch");
    world.counter.take();
    await askAll(world, gateways, "poll");
  },
  /** Each pod gets a configuration. */
  async fetch(world, gateways) {
    world.restart();
    world.later(1000);
    await askAll(world, gateways, "fetch");
  },
};

/** Until all Services have the address that a load balancer gives them. */
async function settled(world: World, gateways: number): Promise<void> {
  await world.settle();
  for (const cluster of world.clusters.values()) {
    for (let n = 0; n < gateways; n++) {
      const ref = { apiVersion: "v1", kind: "Service", namespace: namespaceOf(n), name: `gw-${n}` };
      const service = cluster.get(ref);
      if (!service) throw new Error(`there is no Service of Gateway ${n}`);
      if (listOf(childOf(childOf(service, "status"), "loadBalancer"), "ingress").length > 0) continue;
      cluster.setStatus(ref, { loadBalancer: { ingress: [{ ip: `203.0.${n >> 8}.${n & 255}` }] } });
    }
  }
  await world.settle();
}

const PERIOD_MS = 10_000;
const SOME = 20;

async function askAll(world: World, gateways: number, why: "poll" | "fetch"): Promise<void> {
  const pods = [...world.clusters].flatMap(([cluster, fleet]) => Array.from({ length: gateways }, (_, n) => {
    const [namespace, name] = [namespaceOf(n), `gw-${n}`];
    const gateway = fleet.get({ apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", namespace, name });
    const token = world.access.configToken(cluster, { namespace, name, uid: textOf(childOf(gateway, "metadata"), "uid") });
    return { url: `/c/${cluster}/api/v1/configs/${namespace}/${name}`, headers: { authorization: `Bearer ${token}` } };
  }));
  // Times are taken of some, again and again.
  const asked = world.isTimed ? Array.from({ length: SOME }, (_, n) => pods[n % pods.length] ?? { url: "", headers: {} }) : pods;
  for (const { url, headers } of asked) {
    const tag = why === "poll" ? { "if-none-match": tags.get(url) ?? "" } : {};
    const { status, headers: answered, body } = await world.poll({ url, headers: { ...headers, ...tag } });
    if (status !== (why === "poll" ? 304 : 200)) throw new Error(`CDS answered ${status} to ${url}`);
    tags.set(url, answered["ETag"] ?? answered["etag"] ?? tags.get(url) ?? "");
    world.counter.add("answer bytes", Buffer.byteLength(body) + Object.entries(answered).reduce((sum, [key, value]) => sum + key.length + value.length + 4, 0));
    world.later(PERIOD_MS / asked.length);
  }
}

const tags = new Map<string, string>();

function keptBy(world: World): number | undefined {
  if (!globalThis.gc) return undefined;
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  world.restart();
  globalThis.gc();
  return (before - process.memoryUsage().heapUsed) / world.clusters.size;
}
