import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sumOf, type Counts } from "../bench/fleet-counts.ts";
import { member, namespaceOf, platform } from "../bench/fleet-objects.ts";
import { createWorld, type World } from "../bench/fleet-world.ts";
import { childOf, textOf } from "../support/json.ts";

const GATEWAYS = 3;
const CLASS = { apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass", namespace: "", name: "turn" };
const INDEX = "clusters/c0/index.json";

/** What docs/disaster-recovery.md says, with the functions' own code. */
describe("disaster recovery", () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld({ clusters: 1, env: { STUNNER_DELIVERY: "pull", STUNNER_LOG_LEVEL: "error" } });
    for (let n = 0; n < GATEWAYS; n++) for (const object of member(n)) cluster().put(object);
    await pass();
    await pass();
    world.counter.take();
  });
  afterEach(() => world.stop());

  const cluster = () => world.clusters.get("c0") ?? expect.fail("there is one cluster");

  async function pass(): Promise<void> {
    await world.resync();
    await world.settle();
  }

  /** What the pod of a Gateway is answered. */
  async function served(n: number): Promise<{ status: number; body: string }> {
    const [namespace, name] = [namespaceOf(n), `gw-${n}`];
    const gateway = cluster().get({ apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", namespace, name });
    const token = world.access.configToken("c0", { namespace, name, uid: textOf(childOf(gateway, "metadata"), "uid") });
    const { status, body } = await world.poll({ url: `/c/c0/api/v1/configs/${namespace}/${name}`, headers: { authorization: `Bearer ${token}` } });
    return { status, body };
  }

  async function lose(prefix: string): Promise<void> {
    for (const { key } of await world.store.list(prefix)) await world.store.delete(key);
    world.later(1000);
  }

  const report = async (): Promise<{ outcome: string; error?: { code: string; message: string } }> => {
    const found = await world.store.get("clusters/c0/report.json");
    return JSON.parse(found.status === "found" ? Buffer.from(found.body).toString() : "{}");
  };

  it("a store that is lost is filled by the next resync, and nothing in the cluster is touched", async () => {
    const before = await served(1);
    expect(before.status).toBe(200);
    world.counter.take();
    await lose("clusters/");
    await pass();
    expect(writes(world.counter.take())).toBe(0);
    expect(await served(1)).toEqual(before);
    world.restart();
    expect(await served(1)).toEqual(before);
    expect((await report()).outcome).toBe("done");
  });

  it("while it is lost, an instance that knows a configuration serves it, and a new one refuses", async () => {
    const before = await served(1);
    await lose("clusters/");
    expect(await served(1)).toEqual(before);
    world.restart();
    expect([401, 403, 404, 503]).toContain((await served(1)).status);
  });

  it("what was held when the store was lost is gone from it, and stays in the cluster, until the mistake is corrected", async () => {
    const good = await served(1);
    const config = { apiVersion: "stunner.l7mp.io/v1", kind: "GatewayConfig", metadata: { name: "turn", namespace: "stunner" } };
    cluster().put({ ...config, spec: { authType: "static", userName: "user", password: "" } });
    await pass();
    expect(await served(1)).toEqual(good);
    await lose("clusters/");
    world.counter.take();
    await pass();
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", namespace: namespaceOf(1), name: "gw-1" };
    expect(cluster().get(deployment)).toBeDefined();
    expect(sumOf(world.counter.take(), "api delete ")).toBe(0);
    world.restart();
    expect((await served(1)).status).not.toBe(200);
    cluster().put({ ...config, spec: { authType: "static", userName: "user", password: "pass" } });
    await world.settle();
    expect(await served(1)).toEqual(good);
  });

  it("a cluster that is another one than it was is not written to, and its configurations stay, until that is confirmed", async () => {
    const before = await served(1);
    const kubeSystem = { apiVersion: "v1", kind: "Namespace", namespace: "", name: "kube-system" };
    cluster().remove(kubeSystem);
    cluster().seed({ apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" } });
    cluster().remove(CLASS);
    await world.resync();
    await world.settle(1);
    expect(await report()).toMatchObject({ outcome: "failed", error: { code: "other-cluster", message: expect.stringContaining(INDEX) as string } });
    expect(writes(world.counter.take())).toBe(0);
    expect(await served(1)).toEqual(before);

    for (const object of platform()) if (object["kind"] === "GatewayClass") cluster().seed(object);
    await world.store.delete(INDEX);
    await pass();
    expect((await report()).outcome).toBe("done");
    expect(await served(1)).toEqual(before);
  });
});

function writes(counts: Counts): number {
  return ["create", "apply", "patch", "update", "delete"].reduce((sum, verb) => sum + sumOf(counts, `api ${verb} `), 0);
}
