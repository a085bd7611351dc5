import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { childOf } from "../support/json.ts";
import { startNode } from "./actors/node.ts";
import { auditLine } from "./audit.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { CONTROLLERS } from "./controller-manager.ts";
import { reference, type Manifest, type Resource } from "./resource.ts";
import { until, untilGone, untilLive } from "./until.ts";

const gateway = {
  ...reference("gateway.networking.k8s.io/v1", "Gateway", "gw", "default"),
  spec: { gatewayClassName: "c", listeners: [{ name: "udp", port: 3478, protocol: "TURN-UDP" }] },
};
const labels = { app: "stunner" };
const deployment = {
  ...reference("apps/v1", "Deployment", "stunnerd", "default"),
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: "stunnerd", image: "stunnerd:1" }] } },
  },
};

function service(name: string, ownerReferences: object[]): Manifest {
  const metadata = { name, namespace: "default", ownerReferences };
  return { apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ port: 3478, protocol: "UDP" }] } };
}

function isRolledOut(generation: number): (live: Resource) => boolean {
  return (live) => {
    const status = childOf(live, "status");
    const counts = [status["replicas"], status["updatedReplicas"], status["readyReplicas"]];
    return status["observedGeneration"] === generation && counts.every((count) => count === 2);
  };
}

describe("a cluster with a controller manager", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "1.0", controllerManager: [...CONTROLLERS, "namespace-controller"], auditLog: true });
  });
  beforeEach(() => cluster.reset());
  afterAll(() => cluster.stop());

  test("collects what a deleted Gateway owned, and nothing else", async () => {
    const { metadata } = await cluster.create(gateway);
    const owner = { apiVersion: gateway.apiVersion, kind: "Gateway", name: metadata.name, uid: metadata.uid };
    await cluster.create(service("owned", [owner]));
    await cluster.create(service("free", []));
    await cluster.delete(gateway);
    await untilGone(cluster, service("owned", []));
    expect(await cluster.get(service("free", []))).toBeDefined();
    const deletions = (await cluster.audit().entries()).filter(({ verb, objectRef }) => verb === "delete" && objectRef?.name === "owned");
    expect(deletions.map(auditLine)).toEqual(["delete services default/owned 200 by system:kube-controller-manager"]);
  });

  test("empties and removes a deleted namespace", async () => {
    await cluster.create(reference("v1", "Namespace", "team"));
    await cluster.create({ ...gateway, metadata: { name: "gw", namespace: "team" } });
    await cluster.delete(reference("v1", "Namespace", "team"));
    await untilGone(cluster, reference("v1", "Namespace", "team"), 30_000);
    expect(await cluster.list(gateway.apiVersion, "Gateway")).toEqual([]);
  });

  test("rolls a Deployment out, with a node to run its pods, and again when its template changes", async () => {
    const node = await startNode(cluster, { name: "n1", internalIP: "192.0.2.10" });
    await cluster.create(deployment);
    await untilLive(cluster, deployment, isRolledOut(1), 30_000);
    await cluster.patch(deployment, { spec: { template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "now" } } } } });
    await untilLive(cluster, deployment, isRolledOut(2), 30_000);
    const pods = await cluster.list("v1", "Pod", "default");
    expect(pods.filter(({ metadata }) => !metadata["deletionTimestamp"])).toHaveLength(2);
    await cluster.delete(deployment);
    await until(cluster, deployment, (live) => live === undefined);
    await expect.poll(() => cluster.list("v1", "Pod", "default"), { timeout: 20_000 }).toEqual([]);
    await node.stop();
  });
});
