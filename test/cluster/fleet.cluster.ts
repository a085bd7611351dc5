import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startFleetApi } from "../bench/fleet-api.ts";
import { createFleetCloud } from "../bench/fleet-cloud.ts";
import { Fleet } from "../bench/fleet-cluster.ts";
import { createCounter } from "../bench/fleet-counts.ts";
import { member, platform } from "../bench/fleet-objects.ts";
import { kubeconfigOf } from "../bench/fleet-world.ts";
import { openContext } from "../../shared/serverless/context.ts";
import { createReconcileHandler } from "../../shared/serverless/handle-reconcile.ts";
import type { Report } from "../../shared/reconcile/report.ts";
import { childOf, textOf, type JsonObject } from "../support/json.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import type { Manifest } from "./resource.ts";

const SIZES = [1, 14];

/** What an API server itself makes or refuses stays out: nodes, its own namespace, addresses of Services. */
function objects(gateways: number): JsonObject[] {
  const all = [...platform(), ...Array.from({ length: gateways }, (_, n) => member(n)).flat()];
  return all
    .filter((one) => textOf(one, "kind") !== "Node")
    .map((one) => (textOf(one, "kind") === "Service" ? { ...one, spec: { ...childOf(one, "spec"), clusterIP: "None" } } : one));
}

/** Requests of three passes, by verb and resource: the first makes everything, the last finds nothing to do. */
async function requestsOf(kubeconfig: string): Promise<Record<string, number>[]> {
  const { cloud } = createFleetCloud({ STUNNER_CLUSTERS: "settings/clusters.json", STUNNER_DELIVERY: "pull", STUNNER_LOG_LEVEL: "error" }, createCounter(), { store: 0, queue: 0 }, Date.now);
  const store = cloud.openStore("");
  await store.put("settings/clusters.json", Buffer.from(JSON.stringify([{ name: "one", connect: { type: "kubeconfig", path: kubeconfig }, cdsUrl: "https://cds.example/c/one" }])));
  const reconcile = createReconcileHandler(openContext(cloud));
  const passes: Record<string, number>[] = [];
  for (let pass = 0; pass < 3; pass++) {
    expect(await reconcile({ cluster: "one", start: 0 }, { sentAt: 0, end: Date.now() + 120_000 })).toBe("done");
    const found = await store.get("clusters/one/report.json");
    const { calls = [] } = found.status === "found" ? (JSON.parse(Buffer.from(found.body).toString()) as Report) : {};
    passes.push(Object.fromEntries(calls.filter(({ resource }) => resource !== "validatingwebhookconfigurations").map(({ verb, resource, calls: count }) => [`${verb} ${resource}`, count])));
  }
  return passes;
}

describe("the API servers of bench:fleet", () => {
  let directory: string;
  let real: Cluster;
  beforeAll(async () => {
    [directory, real] = await Promise.all([mkdtemp(join(tmpdir(), "fleet-")), startCluster({ gatewayApi: "newest" })]);
  });
  afterAll(async () => {
    await real.stop();
    await rm(directory, { recursive: true });
  });

  test.each(SIZES)("are asked what a real one is asked, with %i Gateways", async (gateways) => {
    const simulated = new Fleet(() => undefined);
    for (const object of objects(gateways)) simulated.seed(object);
    const api = await startFleetApi(new Map([["one", simulated]]), createCounter(), 0);
    const path = join(directory, "simulated.json");
    await writeFile(path, kubeconfigOf(`${api.origin}/one`));
    const asked = await requestsOf(path);
    await api.stop();

    for (const object of objects(gateways)) await real.apply(object as Manifest, { fieldManager: "user" });
    const answered = await requestsOf(real.kubeconfig);
    expect(asked.at(-1)).toEqual(answered.at(-1));
    expect(writesOf(asked[0])).toEqual(writesOf(answered[0]));
    await real.reset();
  });
});

function writesOf(calls: Record<string, number> = {}): Record<string, number> {
  return Object.fromEntries(Object.entries(calls).filter(([name]) => !/^(?:get|list) /.test(name)));
}
