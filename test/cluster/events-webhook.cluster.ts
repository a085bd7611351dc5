import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventWebhook } from "../../infra/webhook/webhook.ts";
import { createClusterEvents, type ClusterEvents } from "../../shared/events/cluster-events.ts";
import { keepWebhook } from "../../shared/events/keep-webhook.ts";
import { untilVisible } from "../../shared/events/visible.ts";
import { WEBHOOK_NAME } from "../../shared/events/webhook-scope.ts";
import type { KubeClient } from "../../shared/kube/client.ts";
import { CONTROLLER_NAME } from "../../shared/resources/constants.ts";
import { loadLive } from "../../shared/state/live/load.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { CLUSTER, installWebhook, kubeClient, startEventServer, TOKEN, untilSo, type EventServer } from "./events-support.ts";
import { reference, type Manifest } from "./resource.ts";

const SETTINGS = { controllerName: CONTROLLER_NAME, mode: "managed", endpointSlices: true, endpointDiscovery: true } as const;

const gateway = (name: string, port = 3478): Manifest => ({
  ...reference("gateway.networking.k8s.io/v1", "Gateway", name, "media"),
  spec: { gatewayClassName: "stunner", listeners: [{ name: "udp", port, protocol: "TURN-UDP" }] },
});

const slice = (name: string, namespace: string, service: string, address = "10.1.2.3"): Manifest => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { name, namespace, labels: { "kubernetes.io/service-name": service } },
  addressType: "IPv4",
  endpoints: [{ addresses: [address] }],
  ports: [],
});

const service = (name: string, namespace: string, labels: Record<string, string> = {}): Manifest => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace, labels },
  spec: { type: "ClusterIP", ports: [{ name: "udp", port: 3478, protocol: "UDP" }] },
});

const crd = (group: string): Manifest => ({
  ...reference("apiextensions.k8s.io/v1", "CustomResourceDefinition", `things.${group}`),
  spec: {
    group, scope: "Namespaced", names: { kind: "Thing", plural: "things" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
});

/** The webhooks of the live configuration. */
async function webhooksOf(cluster: Cluster): Promise<readonly { readonly clientConfig: { readonly url: string } }[]> {
  const live = await cluster.get(reference("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", WEBHOOK_NAME));
  if (!live) throw new Error("the webhook is not installed");
  return live["webhooks"] as unknown as { clientConfig: { url: string } }[];
}

describe("the event webhook", () => {
  let cluster: Cluster;
  let client: KubeClient;
  let server: EventServer;
  let events: ClusterEvents | undefined;

  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("newest") });
    client = kubeClient(cluster.kubeconfig);
  });
  afterAll(async () => {
    client.close();
    await cluster.stop();
  });
  beforeEach(async () => {
    server = await startEventServer((change) => events?.offer(change));
    for (const namespace of ["media", "web"]) await cluster.apply(reference("v1", "Namespace", namespace));
  });
  afterEach(async () => {
    await events?.close();
    events = undefined;
    await cluster.delete(reference("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", WEBHOOK_NAME));
    await server.close();
    await cluster.reset();
  });

  test("tells of Gateway API and stunner objects before they are stored, and they are seen soon after", async () => {
    await installWebhook(cluster, server);
    const created = await cluster.create(gateway("gw"));
    const creation = await server.change(({ name, operation }) => name === "gw" && operation === "create");
    expect(creation).toMatchObject({ uid: created.metadata.uid, generation: 1, classes: ["stunner"], visible: { until: "created", uid: created.metadata.uid } });

    await cluster.patch(gateway("gw"), { metadata: { labels: { team: "media" } } });
    expect(await server.change(({ name, operation }) => name === "gw" && operation === "update")).toMatchObject({
      labels: [{}, { team: "media" }], visible: { until: "updated", resourceVersion: created.metadata.resourceVersion },
    });
    await cluster.patch(gateway("gw"), { spec: gateway("gw", 3479)["spec"] ?? {} });
    expect(await server.change(({ generation }) => generation === 2)).toMatchObject({ visible: { until: "updated", generation: 2 } });
    await cluster.apply(gateway("gw", 4000), { dryRun: true });
    await cluster.delete(gateway("gw"));
    await server.change(({ name, operation }) => name === "gw" && operation === "delete");
    // All of it is stored by now, so that nobody waits for long.
    const began = performance.now();
    await untilVisible(client, server.changes);
    expect(performance.now() - began).toBeLessThan(900);
    expect(server.changes.filter(({ name, operation }) => name === "gw" && operation === "update")).toHaveLength(2);
    expect(server.outcomes.every(({ status }) => status === 200)).toBe(true);
  });

  test("lets a pass see the write that it was told of, though the write comes after", async () => {
    /** For every pass that was asked for by an edit: the generation that was announced, and the one that was read. */
    const seen: { readonly announced: number; readonly read: number | undefined }[] = [];
    const options = SETTINGS;
    events = createClusterEvents({
      client,
      settings: options,
      queue: { throttle: 10, resync: 600_000, retry: 1000, lookAgain: 500 },
      async pass({ changes }) {
        const live = await loadLive(client, await (events?.discover() ?? Promise.reject(new Error("closed"))), options);
        events?.loaded(live);
        const announced = Math.max(...changes.map(({ name, generation = 0 }) => (name === "gw" ? generation : 0)));
        if (announced > 0) seen.push({ announced, read: live.state.gateways.get("media/gw")?.metadata.generation });
        return { again: false };
      },
    });
    await cluster.create(gateway("gw"));
    await installWebhook(cluster, server);
    // Another webhook takes its time: until it has answered, what we know of is not stored.
    const slow = await startEventServer(undefined, 300);
    await cluster.apply(eventWebhook({ url: slow.url, ca: slow.ca, cluster: CLUSTER, token: TOKEN, secrets: false, name: "slow" }) as Manifest);
    await untilSo(async () => {
      await cluster.apply({ ...reference("stunner.l7mp.io/v1", "StaticService", "probe", "default"), spec: { prefixes: [`192.0.2.${slow.changes.length}/32`] } });
      await cluster.delete(reference("stunner.l7mp.io/v1", "StaticService", "probe", "default"));
      return slow.changes.length > 0;
    });
    await events.start();
    for (let generation = 2; generation < 8; generation++) {
      await cluster.patch(gateway("gw"), { spec: gateway("gw", 3478 + generation)["spec"] ?? {} });
      await expect.poll(() => seen.at(-1)).toEqual({ announced: generation, read: generation });
    }
    expect(seen.filter(({ announced, read }) => announced !== read)).toEqual([]);
    await cluster.delete(reference("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "slow"));
    await slow.close();
  });

  test("is kept at what routes refer to, without touching anything else of it", async () => {
    await installWebhook(cluster, server);
    const references = { backends: new Set(["media/livekit"]), secrets: new Set<string>() };
    const withoutSelectors = async (): Promise<object[]> => (await webhooksOf(cluster)).map((one) => ({ ...one, namespaceSelector: 0, objectSelector: 0 }));
    const before = await withoutSelectors();
    expect(await keepWebhook(client, references, { cluster: CLUSTER, dryRun: true })).toBe("updated");
    expect(await keepWebhook(client, references, { cluster: CLUSTER })).toBe("updated");
    expect(await keepWebhook(client, references, { cluster: CLUSTER })).toBe("unchanged");
    expect(await withoutSelectors()).toEqual(before);

    let round = 0;
    await untilSo(async () => {
      await cluster.apply(slice("livekit-abcde", "media", "livekit", `10.1.2.${(round += 1)}`));
      return server.changes.some(({ kind }) => kind === "EndpointSlice");
    });
    await cluster.apply(service("livekit", "media"));
    await server.change(({ kind, name }) => kind === "Service" && name === "livekit");
    // In a namespace without routes, and of another Service in one with some.
    await cluster.apply(service("shop", "web"));
    await cluster.apply(slice("livekit-abcde", "web", "livekit"));
    await cluster.apply(slice("other-abcde", "media", "other"));
    await cluster.apply({ ...reference("v1", "Secret", "cert", "media") });
    await cluster.apply({ ...reference("v1", "ConfigMap", "x", "media") });
    await cluster.create(gateway("last"));
    await server.change(({ name }) => name === "last");
    const told = server.changes.filter(({ kind }) => !["StaticService", "Gateway"].includes(kind)).map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
    expect(new Set(told)).toEqual(new Set(["EndpointSlice media/livekit-abcde", "Service media/livekit"]));

    expect(await keepWebhook(client, { ...references, backends: new Set() }, { cluster: CLUSTER })).toBe("updated");
    await untilSo(async () => {
      const length = server.changes.length;
      await cluster.apply(slice("livekit-abcde", "media", "livekit", `10.1.3.${(round += 1)}`));
      return server.changes.length === length;
    });
  });

  test("tells of Services of ours wherever they are, their status too, and of CRDs of our groups alone", async () => {
    await installWebhook(cluster, server);
    const owned = { "stunner.l7mp.io/owned-by": "stunner" };
    await cluster.apply(service("gw", "web", owned));
    await cluster.apply(service("shop", "web"));
    await cluster.status({ ...service("gw", "web", owned), spec: undefined, status: { conditions: [{ type: "x", status: "True", reason: "y", message: "", lastTransitionTime: "2024-01-01T00:00:00Z" }] } } as never);
    expect(await server.change(({ subresource }) => subresource === "status")).toMatchObject({ kind: "Service", namespace: "web", name: "gw" });
    expect(server.changes.some(({ name }) => name === "shop")).toBe(false);
    await cluster.create(crd("example.org"));
    await cluster.create(crd("stunner.l7mp.io"));
    await server.change(({ kind }) => kind === "CustomResourceDefinition");
    expect(server.changes.filter(({ kind }) => kind === "CustomResourceDefinition").map(({ name }) => name)).toEqual(["things.stunner.l7mp.io"]);
  });

  test("with secrets asked for, tells of those in namespaces in which some are used", async () => {
    await installWebhook(cluster, server, true);
    await keepWebhook(client, { backends: new Set(), secrets: new Set(["media/cert"]) }, { cluster: CLUSTER });
    let round = 0;
    await untilSo(async () => {
      await cluster.apply({ ...reference("v1", "Secret", "cert", "media"), stringData: { round: String((round += 1)) } });
      return server.changes.some(({ kind }) => kind === "Secret");
    });
    await cluster.apply({ ...reference("v1", "Secret", "other", "web") });
    await cluster.create(gateway("last"));
    await server.change(({ name }) => name === "last");
    expect(server.changes.some(({ name }) => name === "other")).toBe(false);
  });

  test("black-holed, holds up no write that does not concern us", { timeout: 240_000 }, async () => {
    const write = async (count: number, at: number): Promise<number[]> => {
      const times: number[] = [];
      for (let i = 0; i < count; i++) {
        const began = performance.now();
        await cluster.apply(slice(`shop-${i % 20}`, i % 2 ? "web" : "media", "shop", `10.2.${at}.${i % 250}`));
        times.push(performance.now() - began);
      }
      return times;
    };
    await write(200, 0);
    const without = await write(1000, 1);

    await installWebhook(cluster, server);
    await keepWebhook(client, { backends: new Set(["media/livekit"]), secrets: new Set() }, { cluster: CLUSTER });
    const hole = await startBlackHole();
    await cluster.patch(reference("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", WEBHOOK_NAME), await redirected(cluster, hole.port));
    // What concerns us is held up for the second that the webhook has, and then goes on: so it is installed.
    let round = 0;
    await untilSo(async () => {
      const began = performance.now();
      await cluster.apply(slice("livekit-abcde", "media", "livekit", `10.3.0.${(round += 1)}`));
      return performance.now() - began > 900 && hole.connections() > 0;
    }, 60_000);
    const before = hole.connections();
    const withIt = await write(1000, 2);
    expect(hole.connections() - before).toBe(0);
    expect(median(withIt) / median(without)).toBeLessThanOrEqual(1.3);
    await hole.close();
  });
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** A JSON patch that sends all events to another port. */
async function redirected(cluster: Cluster, port: number): Promise<object[]> {
  return (await webhooksOf(cluster)).map(({ clientConfig }, i) => ({
    op: "replace",
    path: `/webhooks/${i}/clientConfig/url`,
    value: clientConfig.url.replace(/:\d+\//, `:${port}/`),
  }));
}

/** Takes connections and never says anything. */
async function startBlackHole(): Promise<{ port: number; connections(): number; close(): Promise<void> }> {
  let connections = 0;
  const sockets = new Set<{ destroy(): void }>();
  const server: Server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
