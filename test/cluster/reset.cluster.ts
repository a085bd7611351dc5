import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCluster, type Cluster } from "./cluster.ts";
import { reference, type Manifest } from "./resource.ts";

const crd = {
  ...reference("apiextensions.k8s.io/v1", "CustomResourceDefinition", "things.example.com"),
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { kind: "Thing", plural: "things" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
};

const held = { apiVersion: "v1", kind: "Secret", metadata: { name: "held", namespace: "team", finalizers: ["example.com/never"] } };

const objects: Manifest[] = [
  { ...reference("v1", "Namespace", "team") },
  { ...reference("v1", "Service", "lb", "team"), spec: { type: "LoadBalancer", ports: [{ port: 3478, protocol: "UDP" }] } },
  held,
  { ...reference("v1", "Node", "n1") },
  { ...reference("gateway.networking.k8s.io/v1", "GatewayClass", "c"), spec: { controllerName: "example.com/c" } },
  { ...reference("stunner.l7mp.io/v1", "GatewayConfig", "g", "default"), spec: {} },
  { ...reference("rbac.authorization.k8s.io/v1", "ClusterRole", "r"), rules: [] },
];

describe.each([false, true])("reset, with a controller manager: %s", (controllerManager) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "newest", controllerManager });
  });
  afterAll(() => cluster.stop());

  const inventory = async (): Promise<string[]> => {
    const kinds = (await cluster.discovery.all()).filter(({ verbs, kind }) => verbs.includes("list") && !["Event", "Lease"].includes(kind));
    const lists = kinds.map(({ apiVersion, kind }) => cluster.list(apiVersion, kind));
    const all = (await Promise.all(lists)).flat();
    return all.map(({ kind, metadata }) => `${kind} ${metadata["namespace"] ?? ""}/${metadata.name}`).sort();
  };

  test("leaves what was there at the start and nothing else", async () => {
    const before = await inventory();
    for (const object of objects) await cluster.apply(object);
    await cluster.apply(crd);
    expect((await inventory()).length).toBeGreaterThan(before.length + objects.length);
    await cluster.reset();
    expect(await inventory()).toEqual(before);
  });

  test("makes room for the same names again, node ports too", async () => {
    const port = { port: 3478, protocol: "UDP", nodePort: 30_478 };
    const service = { ...reference("v1", "Service", "pinned", "team"), spec: { type: "NodePort", ports: [port] } };
    for (let round = 0; round < 3; round += 1) {
      await cluster.create(reference("v1", "Namespace", "team"));
      await cluster.create(service);
      await cluster.reset();
    }
    expect(await cluster.get(service)).toBeUndefined();
  });
});
