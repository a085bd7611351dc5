import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { createClusterEvents, type ClusterEvents, type ClusterEventsOptions } from "../../shared/events/cluster-events.ts";
import { keepWebhook } from "../../shared/events/keep-webhook.ts";
import type { PassCause, PassResult } from "../../shared/events/queue.ts";
import { WEBHOOKS, webhookScope } from "../../shared/events/webhook-scope.ts";
import { KINDS } from "../../shared/resources/kinds.ts";
import { loadLive } from "../../shared/state/live/load.ts";
import { change, SETTINGS } from "../unit/events/fixtures.ts";
import { begin, json, line, startScriptedApi, type ScriptedApi } from "./events-api.ts";

const GATEWAY_API = "/apis/gateway.networking.k8s.io/v1";
const STUNNER = "/apis/stunner.l7mp.io/v1";

interface Stored {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** A small API server in memory: lists, gets, watches, status writes, and kinds that come and go. */
class SmallApi {
  version = 100;
  readonly objects = new Map<string, Stored>();
  readonly kinds = new Map([
    [GATEWAY_API, ["gatewayclasses", "gateways"]],
    [STUNNER, ["udproutes", "gatewayconfigs", "dataplanes"]],
    ["/apis/discovery.k8s.io/v1", ["endpointslices"]],
  ]);
  readonly watches = new Set<{ path: string; res: ServerResponse }>();
  readonly patches: { readonly query: object; readonly body: unknown }[] = [];
  isDown = false;

  handle(method: string, url: URL, body: unknown, res: ServerResponse): void {
    const path = url.pathname;
    if (this.isDown) return void res.destroy();
    if (method === "PATCH") {
      this.patches.push({ query: Object.fromEntries(url.searchParams), body });
      return json(res, 200, body);
    }
    if (method === "PUT") {
      this.put(path.replace(/\/status$/, ""), body as Stored);
      return json(res, 200, this.objects.get(path.replace(/\/status$/, "")));
    }
    if (path === "/apis") return json(res, 200, { kind: "APIGroupList", groups: [...this.kinds.keys()].map((one) => ({ versions: [{ groupVersion: one.slice("/apis/".length) }] })) });
    if (this.kinds.has(path)) return json(res, 200, { kind: "APIResourceList", resources: (this.kinds.get(path) ?? []).map((name) => ({ name })) });
    if (url.searchParams.get("watch") === "true") {
      const watch = { path, res };
      this.watches.add(watch);
      res.on("close", () => this.watches.delete(watch));
      return begin(res);
    }
    const found = this.objects.get(path);
    if (found) return json(res, 200, found);
    const isKind = path.endsWith("s") && !/secrets\/|namespaces\/[^/]+$/.test(path);
    if (!isKind) return json(res, 404, { kind: "Status", code: 404, reason: "NotFound" });
    const items = [...this.objects].filter(([key]) => collectionOf(key) === path || collectionOf(key) === path.replace(/\/namespaces\/[^/]+/, "")).map(([, one]) => one);
    const kind = KINDS.find(({ plural }) => path.endsWith(`/${plural}`))?.kind;
    const apiVersion = /^\/apis?\/((?:[^/]+\/)?v1)\//.exec(path)?.[1];
    json(res, 200, { apiVersion, kind: `${kind}List`, metadata: { resourceVersion: String(this.version) }, items });
  }

  /** @param path of the object, with its namespace */
  put(path: string, object: Stored): void {
    const type = this.objects.has(path) ? "MODIFIED" : "ADDED";
    this.version += 1;
    const stored = { ...object, metadata: { uid: `uid-${path}`, ...object.metadata, resourceVersion: String(this.version) } };
    this.objects.set(path, stored);
    this.tell(path, type, stored);
  }

  tell(path: string, type: string, object: object): void {
    for (const watch of this.watches) if (watch.path === collectionOf(path) || watch.path === path.slice(0, path.lastIndexOf("/"))) watch.res.write(line(type, object));
  }
}

function collectionOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")).replace(/\/namespaces\/[^/]+/, "");
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Setup {
  readonly small: SmallApi;
  readonly api: ScriptedApi;
  readonly events: ClusterEvents;
  readonly causes: PassCause[];
  /** Resolves when so many passes have ended. */
  passes(count: number): Promise<void>;
}

async function setup(options: Partial<ClusterEventsOptions> = {}, during: (pass: number, events: ClusterEvents) => Promise<PassResult | void> = async () => undefined): Promise<Setup> {
  const small = new SmallApi();
  const api = await startScriptedApi((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      small.handle(req.method ?? "", new URL(req.url ?? "", "http://localhost"), text ? JSON.parse(text) : undefined, res);
    });
  });
  const causes: PassCause[] = [];
  const events = createClusterEvents({
    client: api.client,
    settings: SETTINGS,
    watch: { retry: { first: 10, longest: 50 } },
    queue: { throttle: 20, resync: 600_000, retry: 20, lookAgain: 60 },
    async pass(cause) {
      causes.push(cause);
      const number = causes.length;
      const served = await events.discover().catch(() => undefined);
      if (served) events.loaded(await loadLive(events.client, served, SETTINGS));
      return (await during(number, events)) ?? { again: served === undefined };
    },
    ...options,
  });
  closing.push(() => api.close(), () => events.close());
  const passes = async (count: number) => {
    await expect.poll(() => causes.length, { timeout: 5000 }).toBe(count);
    // No more than that: what was told during a pass is judged when it ends.
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(causes.map(({ why, changes }) => [why, changes.map(({ kind, name, subresource }) => [kind, name, subresource].filter(Boolean).join(" "))])).toHaveLength(count);
  };
  return { small, api, events, causes, passes };
}

const gatewayPath = `${GATEWAY_API}/namespaces/media/gateways/gw`;
const gateway = (generation: number, more: object = {}): Stored => ({
  apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway",
  metadata: { name: "gw", namespace: "media", generation },
  spec: { gatewayClassName: "stunner", listeners: [{ name: "tls", port: 443, protocol: "TURN-TLS", tls: { certificateRefs: [{ name: "cert" }] } }] },
  ...more,
});
const gatewayClass: Stored = {
  apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass", metadata: { name: "stunner", generation: 1 },
  spec: { controllerName: SETTINGS.controllerName },
};
const route: Stored = {
  apiVersion: "stunner.l7mp.io/v1", kind: "UDPRoute", metadata: { name: "route", namespace: "media", generation: 1 },
  spec: { parentRefs: [{ name: "gw" }], rules: [{ backendRefs: [{ name: "livekit" }] }] },
};
const slice = (name: string, service: string): Stored => ({
  apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", addressType: "IPv4", endpoints: [],
  metadata: { name, namespace: "media", labels: { "kubernetes.io/service-name": service } },
});
const slicePath = (name: string): string => `/apis/discovery.k8s.io/v1/namespaces/media/endpointslices/${name}`;

function fill(small: SmallApi): void {
  small.put(`${GATEWAY_API}/gatewayclasses/stunner`, gatewayClass);
  small.put(gatewayPath, gateway(1));
  small.put(`${STUNNER}/namespaces/media/udproutes/route`, route);
}

describe("events of a cluster", () => {
  it("make one pass at the start, and one for a change that matters", async () => {
    const { small, events, causes, passes } = await setup();
    fill(small);
    await events.start();
    await passes(1);
    small.put(gatewayPath, gateway(2));
    await passes(2);
    expect(causes[1]).toMatchObject({ why: "event", changes: [{ kind: "Gateway", name: "gw", operation: "update" }] });
  });

  it("make none for a slice of another Service, and none for the status that a pass has written", async () => {
    const { small, events, passes } = await setup({}, async (_pass, { client }) => {
      await client.request({ method: "PUT", path: `${gatewayPath}/status`, body: gateway(1, { status: {} }) });
    });
    fill(small);
    await events.start();
    await passes(1);
    small.put(slicePath("other-abcde"), slice("other-abcde", "other"));
    await passes(1);
    small.put(slicePath("livekit-abcde"), slice("livekit-abcde", "livekit"));
    await passes(2);
    expect(events.refs()?.slices).toEqual(new Set(["media/livekit-abcde"]));
  });

  it("make none for what the running pass has read", async () => {
    let write: (() => void) | undefined;
    const { small, events, passes } = await setup({}, async (pass, { loaded, client, discover }) => {
      if (pass !== 2) return;
      write?.();
      // The pass reads what is written while it runs; the watch tells of it meanwhile.
      loaded(await loadLive(client, await discover(), SETTINGS));
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
    fill(small);
    write = () => small.put(gatewayPath, gateway(3));
    await events.start();
    await passes(1);
    small.put(gatewayPath, gateway(2));
    await passes(2);
    expect(events.refs()).toBeDefined();
  });

  it("watch a Secret when something refers to it, and it alone", async () => {
    const { small, events, passes, api } = await setup();
    fill(small);
    await events.start();
    await passes(1);
    await expect.poll(() => api.requests.filter((one) => one.includes("/secrets?"))).toHaveLength(2);
    expect(api.requests.filter((one) => one.includes("/api/v1/secrets"))).toEqual([]);
    expect(api.requests.find((one) => one.includes("/secrets?"))).toContain("fieldSelector=metadata.name%3Dcert");
  });

  it("find kinds that come later, by their CRD", async () => {
    const { small, events, api, causes } = await setup();
    fill(small);
    await events.start();
    await expect.poll(() => causes.length).toBeGreaterThan(0);
    const official = () => api.requests.filter((one) => one.includes(`${GATEWAY_API}/udproutes?`) && one.includes("watch=true"));
    expect(official()).toEqual([]);
    small.kinds.set(GATEWAY_API, ["gatewayclasses", "gateways", "udproutes"]);
    small.put("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/udproutes.gateway.networking.k8s.io", { metadata: { name: "udproutes.gateway.networking.k8s.io" } });
    await expect.poll(() => official().length).toBe(1);
    // A CRD is served some time after it is stored, so a pass looks once more.
    await expect.poll(() => causes.at(-1)?.why).toBe("look-again");
  });

  it("wait for what is announced, and look once more", async () => {
    const { small, events, causes, passes } = await setup({ watch: undefined as never });
    fill(small);
    await events.start();
    await passes(1);
    const seen: unknown[] = [];
    events.offer(change("Gateway", "media/gw", { apiVersion: "gateway.networking.k8s.io/v1", visible: { until: "updated", generation: 2 } }));
    setTimeout(() => {
      seen.push(causes.length);
      small.put(gatewayPath, gateway(2));
    }, 60);
    await passes(3);
    expect(seen).toEqual([1]);
    expect(causes.map(({ why }) => why)).toEqual(["event", "event", "look-again"]);
  });

  it("begin when the server is there, though it was not at the start", async () => {
    const { small, events, causes } = await setup();
    fill(small);
    small.isDown = true;
    await events.start();
    await expect.poll(() => causes.length).toBeGreaterThan(1);
    expect(events.refs()).toBeUndefined();
    small.isDown = false;
    await expect.poll(() => small.watches.size).toBeGreaterThan(5);
    expect(events.refs()?.references.backends).toEqual(new Set(["media/livekit"]));
  });

  it("keep what was referred to where something cannot be read", async () => {
    const { small, events, passes } = await setup();
    fill(small);
    await events.start();
    await passes(1);
    const before = events.refs();
    const served = await events.discover();
    const live = await loadLive(events.client, served, SETTINGS);
    events.loaded({ ...live, references: { ...live.references, secrets: new Set() }, unread: ["list of gateways"] });
    expect(events.refs()).toEqual(before);
  });

  it("are judged by what an earlier process found, until the first pass has loaded", async () => {
    const { events, causes } = await setup({
      watch: undefined as never,
      refs: { references: { secrets: new Set(), namespaces: new Set(), services: new Set(), backends: new Set(), staticServices: new Set(), configMaps: new Set() }, foreignClasses: new Set(), foreignGateways: new Set(), gateways: new Set(), owned: new Set(), slices: new Set() },
    });
    events.offer(change("Secret", "media/cert"));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(causes).toEqual([]);
    events.request();
    await expect.poll(() => causes.length).toBe(1);
  });
});

const told = (one: object): object => ({ ...one, clientConfig: { url: "https://events.example.org/v1/clusters/c/events/token" } });

describe("keeping the webhook", () => {
  const path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/stunner-serverless-events";
  const references = { backends: new Set(["media/livekit"]), secrets: new Set<string>() };

  it("leaves alone what is not there, and what has no part of ours", async () => {
    const { small, api } = await setup();
    expect(await keepWebhook(api.client, references, { cluster: "c" })).toBe("absent");
    small.put(path, { metadata: { name: "stunner-serverless-events" }, webhooks: [{ name: "other.example.org" }] });
    expect(await keepWebhook(api.client, references, { cluster: "c" })).toBe("absent");
    expect(api.requests.filter((one) => !one.startsWith("GET"))).toEqual([]);
  });

  it("leaves alone what tells another installation", async () => {
    const { small, api } = await setup();
    small.put(path, { metadata: { name: "stunner-serverless-events" }, webhooks: webhookScope({ backends: new Set(), secrets: new Set() }).map(told) });
    for (const cluster of ["other", "c/events/token", ""]) expect(await keepWebhook(api.client, references, { cluster })).toBe("absent");
    expect(small.patches).toEqual([]);
  });

  it("writes nothing where it is as it should be", async () => {
    const { small, api } = await setup();
    small.put(path, { metadata: { name: "stunner-serverless-events" }, webhooks: webhookScope(references).filter(({ name }) => name !== WEBHOOKS.secrets).map(told) });
    expect(await keepWebhook(api.client, references, { cluster: "c" })).toBe("unchanged");
  });

  it("writes its selectors alone, to the version that it has read", async () => {
    const { small, api } = await setup();
    small.put(path, { metadata: { name: "stunner-serverless-events" }, webhooks: webhookScope({ backends: new Set(), secrets: new Set() }).map(told) });
    expect(await keepWebhook(api.client, references, { cluster: "c" })).toBe("updated");
    expect(small.patches).toEqual([
      {
        query: { fieldManager: "stunner-serverless", force: "true" },
        body: {
          apiVersion: "admissionregistration.k8s.io/v1",
          kind: "ValidatingWebhookConfiguration",
          metadata: { name: "stunner-serverless-events", resourceVersion: "101" },
          webhooks: webhookScope(references),
        },
      },
    ]);
    await keepWebhook(api.client, references, { cluster: "c", dryRun: true });
    expect(small.patches.at(-1)?.query).toMatchObject({ dryRun: "All" });
  });

  it("fails where it cannot be read", async () => {
    const { small, api } = await setup();
    small.isDown = true;
    await expect(keepWebhook(api.client, references, { cluster: "c" })).rejects.toMatchObject({ name: "KubeError" });
  });
});
