import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { targetsOf, type Target } from "../../shared/events/watch/targets.ts";
import { createWatchBridge, type WatchBridge } from "../../shared/events/watch-bridge.ts";
import type { KubeClient } from "../../shared/kube/client.ts";
import { CONTROLLER_NAME } from "../../shared/resources/constants.ts";
import { discover } from "../../shared/state/live/discovery.ts";
import { findBinaries } from "./binaries.ts";
import type { ClusterClient } from "./client.ts";
import { gatewayApiOr } from "./cluster.ts";
import { installCrds, PROJECT_CRDS, readCrds } from "./crds.ts";
import { createInbox, kubeClient, type Inbox } from "./events-support.ts";
import { startRestartableCluster, type RestartableCluster } from "./events-restart.ts";
import { reference, type Manifest } from "./resource.ts";

const SETTINGS = { controllerName: CONTROLLER_NAME, mode: "managed", endpointSlices: true, endpointDiscovery: true } as const;
const none: ReadonlySet<string> = new Set();
const REFERENCES = {
  secrets: new Set(["default/cert"]), namespaces: new Set(["default"]), services: none, backends: none, staticServices: none, configMaps: none,
};

const gateway = (name: string, port = 3478): Manifest => ({
  ...reference("gateway.networking.k8s.io/v1", "Gateway", name, "default"),
  spec: { gatewayClassName: "stunner", listeners: [{ name: "udp", port, protocol: "TURN-UDP" }] },
});
const secret = (name: string, round = 0): Manifest => ({ ...reference("v1", "Secret", name, "default"), stringData: { round: String(round) } });
const node = (address: string): Manifest => ({
  ...reference("v1", "Node", "node-1"), status: { addresses: [{ type: "ExternalIP", address }], conditions: [] },
});

describe("the watch bridge on a real API server", () => {
  let cluster: RestartableCluster;
  let admin: ClusterClient;
  let client: KubeClient;
  let bridge: WatchBridge;
  let inbox: ReturnType<typeof createInbox> & Inbox;
  const troubles: string[] = [];

  beforeAll(async () => {
    cluster = await startRestartableCluster();
    admin = cluster.admin();
    await installCrds(admin, [...readCrds(findBinaries().gatewayApi[gatewayApiOr("newest")]), ...readCrds(PROJECT_CRDS)]);
    client = kubeClient(cluster.kubeconfig);
  });
  afterAll(async () => {
    client.close();
    await cluster.stop();
  });
  beforeEach(() => {
    inbox = createInbox();
    troubles.length = 0;
    bridge = createWatchBridge({
      client,
      retry: { first: 50, longest: 500 },
      onChange: inbox.take,
      onTrouble: ({ id }, error) => troubles.push(`${id} ${error === undefined ? "again" : "lost"}`),
    });
  });
  afterEach(async () => {
    await bridge.close();
    for (const { metadata } of await admin.list("gateway.networking.k8s.io/v1", "Gateway")) await admin.delete(gateway(metadata.name));
  });

  const targets = async (): Promise<Target[]> => targetsOf(await discover(client), REFERENCES, SETTINGS);

  test("tells of every kind of interest, of Secrets only what is referred to", async () => {
    await bridge.follow(await targets(), true);
    await admin.apply(gateway("gw"));
    await admin.apply({ ...reference("gateway.networking.k8s.io/v1", "GatewayClass", "stunner"), spec: { controllerName: CONTROLLER_NAME } });
    await admin.apply({ ...reference("stunner.l7mp.io/v1", "UDPRoute", "route", "default"), spec: { parentRefs: [{ name: "gw" }], rules: [{ backendRefs: [{ name: "x" }] }] } });
    await admin.apply({ ...reference("stunner.l7mp.io/v1", "Dataplane", "default"), spec: { image: "a" } });
    await admin.apply(secret("other"));
    await admin.apply(secret("cert"));
    await admin.apply({ ...reference("v1", "Service", "s", "default"), spec: { ports: [{ port: 1 }] } });
    await admin.patch(reference("v1", "Namespace", "default"), { metadata: { labels: { a: "b" } } });
    for (const kind of ["Gateway", "GatewayClass", "UDPRoute", "Dataplane", "Secret", "Service", "Namespace"]) await inbox.change((one) => one.kind === kind);
    expect(inbox.changes.filter(({ kind }) => kind === "Secret").map(({ name }) => name)).toEqual(["cert"]);
    expect(await inbox.change(({ kind }) => kind === "Namespace")).toMatchObject({ operation: "update", labels: [{}, { a: "b" }].map((one) => expect.objectContaining(one)) });
    expect(troubles).toEqual([]);
    await admin.delete(secret("cert"));
    await inbox.change(({ kind, operation }) => kind === "Secret" && operation === "delete");
  });

  test("tells a status from an edit, and an address of a Node from a heartbeat", async () => {
    await admin.apply(gateway("gw"));
    await bridge.follow(await targets(), true);
    await admin.status({ ...gateway("gw"), status: { conditions: [], addresses: [] } });
    await admin.patch(gateway("gw"), { metadata: { annotations: { a: "b" } } });
    await admin.patch(gateway("gw"), { spec: gateway("gw", 3479)["spec"] ?? {} });
    await inbox.change(({ generation }) => generation === 2);
    expect(inbox.changes.filter(({ kind }) => kind === "Gateway").map(({ subresource }) => subresource)).toEqual(["status", undefined, undefined]);

    await admin.create(node("192.0.2.1"));
    await admin.status({ ...node("192.0.2.1"), status: { addresses: [{ type: "ExternalIP", address: "192.0.2.1" }], conditions: [{ type: "Ready", status: "True" }] } });
    await admin.status({ ...node("192.0.2.2"), status: { addresses: [{ type: "ExternalIP", address: "192.0.2.2" }] } });
    await inbox.change(({ addresses }) => addresses?.[1]?.includes("192.0.2.2") === true);
    const updates = inbox.changes.filter(({ kind, operation }) => kind === "Node" && operation === "update");
    expect(updates.map(({ addresses = [] }) => addresses[0] === addresses[1])).toEqual([true, false]);
    await admin.delete(node(""));
  });

  test("goes on where connections were cut, and misses nothing", async () => {
    await bridge.follow(await targets(), true);
    for (let i = 0; i < 10; i++) {
      cluster.cut();
      await admin.apply(gateway(`cut-${i}`));
    }
    for (let i = 0; i < 10; i++) await inbox.change(({ name }) => name === `cut-${i}`);
    const created = inbox.changes.filter(({ name }) => name.startsWith("cut-"));
    expect(created.map(({ operation }) => operation)).toEqual(Array.from({ length: 10 }, () => "create"));
  });

  test("survives a restart, with what happened since, on versions that are forgotten", { timeout: 120_000 }, async () => {
    for (const name of ["stays", "changes", "goes"]) await admin.apply(gateway(name));
    await bridge.follow(await targets(), true);
    await cluster.down();
    await expect.poll(() => troubles.length, { timeout: 10_000 }).toBeGreaterThan(5);
    await cluster.up();
    admin.close();
    admin = cluster.admin();
    // What happens before the watches are back, on a server whose etcd has forgotten everything before.
    await admin.delete(gateway("goes"));
    await admin.apply(gateway("changes", 4000));
    await admin.apply(gateway("comes"));
    await cluster.compact();
    cluster.open();
    await inbox.change(({ name, operation }) => name === "goes" && operation === "delete");
    await inbox.change(({ name, operation }) => name === "changes" && operation === "update");
    await inbox.change(({ name, operation }) => name === "comes" && operation === "create");
    expect(inbox.changes.filter(({ name }) => name === "stays")).toEqual([]);
    // And it goes on as before.
    await admin.apply(gateway("later"));
    await inbox.change(({ name }) => name === "later");
  });

  test("lists anew where the version is too old, by compaction", async () => {
    await admin.apply(gateway("old"));
    const target = (await targets()).find(({ kind }) => kind.kind === "Gateway");
    const path = "/apis/gateway.networking.k8s.io/v1/gateways";
    await bridge.follow(target ? [target] : [], true);
    await cluster.down();
    await cluster.up();
    admin.close();
    admin = cluster.admin();
    for (let i = 0; i < 5; i++) await admin.apply(gateway("old", 5000 + i));
    await cluster.compact();
    cluster.open();
    await inbox.change(({ name, operation }) => name === "old" && operation === "update");
    // The server indeed refuses to go on from the beginning.
    const told = await admin.request("GET", `${path}?watch=true&resourceVersion=1&timeoutSeconds=1`);
    expect(JSON.stringify(told.body)).toContain("too old resource version");
  });

  test("takes a frozen connection for dead", async () => {
    await bridge.close();
    bridge = createWatchBridge({ client, stall: 500, retry: { first: 50, longest: 500 }, onChange: inbox.take });
    await bridge.follow(await targets(), true);
    cluster.freeze();
    await admin.apply(gateway("frozen"));
    expect(await inbox.change(({ name }) => name === "frozen")).toMatchObject({ kind: "Gateway", operation: "create" });
    cluster.cut();
  });

  test("is told of a kind that comes later, by its CRD", async () => {
    const name = "udproutes.gateway.networking.k8s.io";
    const crd = reference("apiextensions.k8s.io/v1", "CustomResourceDefinition", name);
    await admin.delete(crd);
    await bridge.follow(await targets(), true);
    const official = readCrds(findBinaries().gatewayApi[gatewayApiOr("newest")]).find(({ metadata }) => metadata.name === name);
    if (official) await installCrds(admin, [official]);
    await inbox.change((one) => one.name === name && one.operation === "create");
    await bridge.follow(await targets());
    await admin.apply({ ...reference(gatewayApiOr("newest") === "1.0" ? "gateway.networking.k8s.io/v1alpha2" : "gateway.networking.k8s.io/v1", "UDPRoute", "new", "default"), spec: { parentRefs: [{ name: "gw" }], rules: [{ backendRefs: [{ name: "x", port: 1 }] }] } });
    expect(await inbox.change((one) => one.kind === "UDPRoute" && one.name === "new")).toMatchObject({ group: "gateway.networking.k8s.io", operation: "create" });
  });
});
