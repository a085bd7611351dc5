import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { auditLine, isWrite, type AuditEntry } from "./audit.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { backend, classOf, gateway, route } from "./fixture.ts";
import { createControlPlane, type LiveControlPlane } from "./live-control-plane.ts";
import { reference, type Resource } from "./resource.ts";
import { untilGone } from "./until.ts";

const MADE = [["v1", "Service"], ["apps/v1", "Deployment"], ["apps/v1", "DaemonSet"], ["v1", "ConfigMap"]] as const;
const US = "stunner-serverless";

function isOfGw({ objectRef }: AuditEntry): boolean {
  return objectRef?.name === "gw" && ["services", "deployments"].includes(objectRef.resource);
}

describe("what was made for a Gateway", () => {
  let cluster: Cluster;
  let plane: LiveControlPlane;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("newest"), controllerManager: true, auditLog: true });
  });
  beforeEach(async () => {
    await cluster.reset();
    plane = createControlPlane(await cluster.kubeconfigFor({ user: US, groups: ["system:masters"] }));
    for (const object of [...classOf("ours"), ...backend("media"), gateway("gw", "ours"), gateway("stays", "ours"), route("media", ["gw", "stays"])]) {
      await cluster.apply(object);
    }
    await plane.settle();
  });
  afterAll(() => cluster.stop());

  /** Everything of a Gateway's name. */
  async function made(name: string): Promise<Resource[]> {
    const lists = await Promise.all(MADE.map(([apiVersion, kind]) => cluster.list(apiVersion, kind, "default")));
    return lists.flat().filter(({ metadata }) => metadata.name === name);
  }

  test("goes with it, by the garbage collector alone and once, also while the control plane runs on", async () => {
    const [before, kept] = [await made("gw"), await made("stays")];
    expect(before.map((one) => one.kind).toSorted()).toEqual(["Deployment", "Service"]);
    const mark = await cluster.audit().mark();
    await cluster.delete(gateway("gw", "ours"));
    // In the middle of the collection, too.
    await plane.pass();
    for (const object of before) await untilGone(cluster, object);
    await plane.settle();
    expect(await made("gw")).toEqual([]);
    expect([...(await plane.published()).keys()]).toEqual(["default/stays"]);
    expect((await made("stays")).map(({ metadata }) => metadata.uid)).toEqual(kept.map(({ metadata }) => metadata.uid));
    const entries = (await cluster.audit().entries(mark)).filter(isWrite);
    expect(entries.filter((entry) => isOfGw(entry) && entry.verb !== "update").map(auditLine).toSorted()).toEqual([
      "delete apps/deployments default/gw 200 by system:kube-controller-manager",
      "delete services default/gw 200 by system:kube-controller-manager",
    ]);
    const ofOurs = entries.filter(({ user }) => user.username === US).map(auditLine);
    // The route lost a parent: one status.
    expect(ofOurs).toEqual([expect.stringContaining("stunner.l7mp.io/udproutes default/media/status")]);
    plane.close();
  });

  test("comes back, new, with a Gateway of the same name", async () => {
    const before = await made("gw");
    await cluster.delete(gateway("gw", "ours"));
    for (const object of before) await untilGone(cluster, object);
    await cluster.apply(gateway("gw", "ours"));
    await plane.settle();
    const after = await made("gw");
    expect(after.map(({ kind }) => kind)).toEqual(before.map(({ kind }) => kind));
    const owner = await cluster.get(reference("gateway.networking.k8s.io/v1", "Gateway", "gw", "default"));
    for (const { metadata } of after) {
      expect(metadata["ownerReferences"]).toEqual([expect.objectContaining({ kind: "Gateway", name: "gw", uid: owner?.metadata.uid })]);
    }
    plane.close();
  });
});
