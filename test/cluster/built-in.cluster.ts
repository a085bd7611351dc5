import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kindOf } from "../../shared/resources/kinds.ts";
import { startNode } from "./actors/node.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { reference, type Manifest } from "./resource.ts";

const slice = (name: string, fields: object): Manifest => ({
  ...reference("discovery.k8s.io/v1", "EndpointSlice", name, "default"),
  addressType: "IPv4",
  ...fields,
});
const pod = { metadata: { labels: { app: "x" } }, spec: { containers: [{ name: "c", image: "i" }] } };
const workload = { selector: { matchLabels: { app: "x" } }, template: pod };

const objects: readonly Manifest[] = [
  slice("empty", { endpoints: [], ports: [] }),
  slice("null", { endpoints: null, ports: null }),
  slice("full", { endpoints: [{ addresses: ["10.0.0.1"] }, { addresses: ["10.0.0.2"], conditions: {} }], ports: [{ port: 1 }] }),
  slice("every-port", { endpoints: [{ addresses: ["10.0.0.1"] }], ports: [{ name: "all", port: null }] }),
  { ...reference("v1", "Service", "headless", "default"), spec: { clusterIP: "None", selector: { app: "x" } } },
  { ...reference("v1", "Service", "external", "default"), spec: { type: "ExternalName", externalName: "media.example.com" } },
  { ...reference("v1", "Service", "balanced", "default"), spec: { type: "LoadBalancer", ports: [{ port: 3478, protocol: "UDP" }] } },
  { ...reference("v1", "Endpoints", "empty", "default"), subsets: [] },
  { ...reference("v1", "Endpoints", "not-ready", "default"), subsets: [{ notReadyAddresses: [{ ip: "10.0.0.1" }], ports: [{ port: 1 }] }] },
  { ...reference("v1", "Secret", "empty", "default"), data: {} },
  { ...reference("v1", "Secret", "typed", "default"), type: "Opaque", stringData: { username: "u" } },
  reference("v1", "ConfigMap", "empty", "default"),
  { ...reference("v1", "ConfigMap", "binary", "default"), binaryData: { x: "AAAA" }, immutable: true },
  reference("v1", "Namespace", "empty"),
  { ...reference("v1", "Node", "bare") },
  { ...reference("apps/v1", "Deployment", "x", "default"), spec: workload },
  { ...reference("apps/v1", "DaemonSet", "x", "default"), spec: workload },
];

/** The server writes null for an empty list of an EndpointSlice; as in a manifest, null is the same as left out. */
function withoutNulls(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, part: unknown) => part ?? undefined);
}

describe("objects of built-in kinds as a real API server has them", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "1.0", crds: false });
    const node = await startNode(cluster, { name: "running", internalIP: "192.0.2.1", externalIP: "203.0.113.1" });
    await node.stop();
  });
  afterAll(() => cluster.stop());

  const titled = objects.map((object) => ({ title: `${object.kind} "${object.metadata.name}"`, object }));
  test.each(titled)("our schema takes $title", async ({ object }) => {
    await cluster.create(object);
    const live = withoutNulls(await cluster.get(object));
    expect(kindOf(object)?.schema.safeParse(live).error?.issues).toBeUndefined();
  });

  const kinds = ["Service", "Namespace", "Node", "ConfigMap", "Secret", "Endpoints"];
  test.each(kinds)("our schema takes every %s of a new cluster", async (kind) => {
    const schema = kindOf({ apiVersion: "v1", kind })?.schema;
    const refused = (await cluster.list("v1", kind)).flatMap((live) => schema?.safeParse(live).error?.issues ?? []);
    expect(refused).toEqual([]);
  });
});
