import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { gateway, gatewayClass, install, SMALL } from "./live-fixture.ts";
import { changesOf, OPERATOR, startLivePass, type LivePass } from "./live-pass.ts";
import { reference, type Resource } from "./resource.ts";

const SERVICE = reference("v1", "Service", "gw", "media");
const DEPLOYMENT = reference("apps/v1", "Deployment", "gw", "media");
const typed = (type: string) => gateway("gw", {}, { annotations: { "stunner.l7mp.io/service-type": type } });
const unmanaged = gateway("gw", {}, { annotations: { "stunner.l7mp.io/disable-managed-dataplane": "true" } });

describe("deletion", () => {
  let cluster: Cluster;
  let live: LivePass;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("1.0") });
  });
  beforeEach(async () => {
    await cluster.reset();
    await install(cluster, SMALL);
    live = startLivePass(await cluster.kubeconfigFor(OPERATOR));
    await live.pass();
    return () => live.close();
  });
  afterAll(() => cluster.stop());

  const versionOf = async (one: typeof SERVICE): Promise<Resource["metadata"]> => (await cluster.read(one)).metadata;

  test("of a Service and a Deployment that are not wanted any more, and back", async () => {
    await cluster.apply(typed("None"), { fieldManager: "user" });
    expect(changesOf(await live.pass())).toContain("deleted Service media/gw");
    expect(await cluster.get(SERVICE)).toBeUndefined();
    await cluster.apply(unmanaged, { fieldManager: "user" });
    expect(changesOf(await live.pass())).toEqual(expect.arrayContaining(["deleted Deployment media/gw", "created Service media/gw"]));
    expect(await cluster.get(DEPLOYMENT)).toBeUndefined();
    await cluster.apply(gateway(), { fieldManager: "user" });
    expect(changesOf(await live.pass())).toContain("created Deployment media/gw");
    await live.pass();
    expect((await live.pass()).applied.changes).toEqual([]);
  });

  test("of what is ours when the class goes to another controller", async () => {
    await cluster.apply({ ...gatewayClass({}, "theirs"), spec: { controllerName: "other.example/controller" } }, { fieldManager: "user" });
    await cluster.apply(gateway("gw", { gatewayClassName: "theirs" }), { fieldManager: "user" });
    expect(changesOf(await live.pass())).toEqual(expect.arrayContaining(["deleted Deployment media/gw", "deleted Service media/gw"]));
    expect((await live.pass()).applied.changes).toEqual([]);
  });

  test("never of what only bears the name", async () => {
    await cluster.patch(SERVICE, { metadata: { ownerReferences: null, labels: { "stunner.l7mp.io/owned-by": null } } });
    await cluster.apply(typed("None"), { fieldManager: "user" });
    await live.pass();
    expect(await cluster.get(SERVICE)).toBeDefined();
  });

  test("of that object in that version only", async () => {
    const { uid, resourceVersion } = await versionOf(SERVICE);
    const deletion = { apiVersion: "v1", kind: "Service", namespace: "media", name: "gw" };
    const conflict = { code: "Conflict", retryable: true, message: "it was changed meanwhile; the next pass looks again" };
    await expect(live.cluster.remove({ ...deletion, uid: "11111111-2222-4333-8444-555555555555", resourceVersion })).rejects.toMatchObject(conflict);
    await cluster.patch(SERVICE, { metadata: { labels: { touched: "yes" } } });
    await expect(live.cluster.remove({ ...deletion, uid, resourceVersion })).rejects.toMatchObject(conflict);
    await live.cluster.remove({ ...deletion, uid });
    expect(await cluster.get(SERVICE)).toBeUndefined();
    await live.cluster.remove({ ...deletion, uid, resourceVersion });
  });

  test("is not carried out in a dry run", async () => {
    await cluster.apply(typed("None"), { fieldManager: "user" });
    const dry = startLivePass(await cluster.kubeconfigFor(OPERATOR), { dryRun: true });
    expect(changesOf(await dry.pass())).toContain("deleted Service media/gw");
    dry.close();
    expect(await cluster.get(SERVICE)).toBeDefined();
  });
});
