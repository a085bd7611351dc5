import { describe, expect, it } from "vitest";
import { refsAfterPartialLoad, refsOf } from "../../shared/events/refs.ts";
import { createRefsStore } from "../../shared/events/refs-store.ts";
import { createSeen, rememberStatusWrites } from "../../shared/events/seen.ts";
import type { KubeAnswer, KubeClient, KubeRequest } from "../../shared/kube/client.ts";
import { CONTROLLER_NAME } from "../../shared/resources/constants.ts";
import { KINDS } from "../../shared/resources/kinds.ts";
import type { KubeObject } from "../../shared/resources/meta.ts";
import { clusterState } from "../../shared/state/cluster-state.ts";
import { findReferences } from "../../shared/state/live/references.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { change, refs } from "./events/fixtures.ts";
import { gateway, gatewayClass, route } from "./render/builders.ts";

const object = (apiVersion: string, kind: string, key: string, labels: Record<string, string> = {}): KubeObject => {
  const [namespace = "", name = ""] = key.split("/");
  return { apiVersion, kind, metadata: { namespace, name, labels, uid: `uid-of-${name}`, resourceVersion: "5" } };
};

const OWNED = { "stunner.l7mp.io/owned-by": "stunner" };

function state() {
  return clusterState([
    gatewayClass(),
    gatewayClass({ controllerName: "nginx.org/controller" }, "nginx"),
    gateway(),
    gateway([], { gatewayClassName: "nginx" }, "web/front"),
    gateway([], { gatewayClassName: "missing" }, "web/lost"),
    route([{ name: "livekit" }]),
    object("v1", "Service", "media/gw", OWNED),
    object("v1", "Service", "media/livekit"),
    object("apps/v1", "Deployment", "media/gw", OWNED),
    object("discovery.k8s.io/v1", "EndpointSlice", "media/livekit-abcde", { "kubernetes.io/service-name": "livekit" }),
    object("discovery.k8s.io/v1", "EndpointSlice", "media/other-abcde", { "kubernetes.io/service-name": "other" }),
  ]);
}

const served = new Map(KINDS.filter(({ kind }) => kind === "UDPRoute" || kind === "Service").map((info) => [info, info.apiVersion]));

describe("references of a pass", () => {
  it("tell what belongs to others, what is ours, and which slices count", () => {
    const found = state();
    const references = findReferences(found, { controllerName: CONTROLLER_NAME, mode: "managed" });
    const known = refsOf(found, references, served, CONTROLLER_NAME);
    expect(known).toEqual({
      references,
      foreignClasses: new Set(["nginx"]),
      foreignGateways: new Set(["web/front"]),
      gateways: new Set(["media/gw", "web/lost"]),
      owned: new Set(["Deployment/media/gw", "Service/media/gw"]),
      slices: new Set(["media/livekit-abcde"]),
      served: new Map([
        ["UDPRoute.gateway.networking.k8s.io", "gateway.networking.k8s.io/v1"],
        ["UDPRoute.stunner.l7mp.io", "stunner.l7mp.io/v1"],
        ["Service", "v1"],
      ]),
    });
    expect(references.backends).toEqual(new Set(["media/livekit"]));
  });

  it("stay what they were where a part could not be read, and nothing becomes foreign by that", () => {
    const before = refs();
    const now = refs({ foreignClasses: new Set(), foreignGateways: new Set(), gateways: new Set(["media/other"]), owned: new Set(), slices: new Set(["media/new"]), references: { secrets: new Set(["media/new"]), backends: new Set() } });
    expect(refsAfterPartialLoad(undefined, now)).toBeUndefined();
    expect(refsAfterPartialLoad(before, now)).toEqual({
      ...before,
      foreignClasses: new Set(),
      foreignGateways: new Set(),
      gateways: new Set(["media/gw", "old/orphan", "media/other"]),
      slices: new Set(["media/hand-made", "media/new"]),
      references: { ...before.references, secrets: new Set(["media/cert", "stunner/auth", "media/new"]) },
    });
  });
});

describe("their store", () => {
  const key = "clusters/one/refs.json";

  it("gives back what was written, to another process too", async () => {
    const store = createMemoryStore();
    expect(await createRefsStore(store, "one").write(refs())).toBe("written");
    const other = createRefsStore(store, "one");
    expect(await other.read()).toEqual(refs());
    expect(await other.read()).toEqual(refs());
    expect(await createRefsStore(store, "two").read()).toBeUndefined();
  });

  it("writes only what differs", async () => {
    const store = createMemoryStore();
    const kept = createRefsStore(store, "one");
    await kept.write(refs());
    expect(await kept.write(refs())).toBe("unchanged");
    const reader = createRefsStore(store, "one");
    await reader.read();
    const { secrets } = refs().references;
    expect(await reader.write(refs({ references: { secrets: new Set([...secrets].reverse()) } }))).toBe("unchanged");
    expect(await reader.write(refs({ references: { secrets: new Set() } }))).toBe("written");
    expect((await kept.read())?.references.secrets).toEqual(new Set());
  });

  it("takes what it cannot read for nothing", async () => {
    const store = createMemoryStore();
    const kept = createRefsStore(store, "one");
    await kept.write(refs());
    for (const text of ["{", "[]", JSON.stringify({ version: 2 }), '{"version":1,"secrets":"no"}']) {
      await store.put(key, Buffer.from(text));
      expect(await kept.read()).toBeUndefined();
      expect(await createRefsStore(store, "one").read()).toBeUndefined();
    }
    expect(await kept.write(refs())).toBe("written");
    await store.delete(key);
    expect(await kept.read()).toBeUndefined();
  });
});

const news = (more: object) => change("Service", "media/livekit", { uid: "uid-of-livekit", resourceVersion: "5", ...more });

const answer = (request: KubeRequest): KubeAnswer => ({ status: 200, bytes: 0, body: { metadata: { uid: "uid-of-livekit", resourceVersion: request.path.split("/")[1] } } });

describe("what was seen", () => {
  const loaded = object("v1", "Service", "media/livekit");

  it("is the very version that was read, and nothing before that is known", () => {
    const seen = createSeen();
    expect(seen.has(news({}))).toBe(false);
    seen.loaded(clusterState([loaded]), true);
    expect(seen.has(news({}))).toBe(true);
    expect(seen.has(news({ resourceVersion: "6" }))).toBe(false);
    expect(seen.has(news({ resourceVersion: undefined }))).toBe(false);
    expect(seen.has(news({ uid: "another" }))).toBe(false);
    expect(seen.has(news({ uid: undefined }))).toBe(false);
  });

  it("is the end of what was not there, but for what is not read in whole", () => {
    const seen = createSeen();
    seen.loaded(clusterState([loaded]), true);
    expect(seen.has(news({ operation: "delete" }))).toBe(false);
    expect(seen.has(news({ operation: "delete", uid: "gone-before" }))).toBe(true);
    expect(seen.has(news({ operation: "delete", uid: undefined }))).toBe(false);
    expect(seen.has(change("Secret", "media/cert", { operation: "delete" }))).toBe(true);
    expect(seen.has(change("Service", "media/", { operation: "delete" }))).toBe(false);
    expect(seen.has(change("Deployment", "media/gw", { operation: "delete", uid: "gone-before" }))).toBe(false);
    expect(seen.has(change("CustomResourceDefinition", "x.stunner.l7mp.io", { operation: "delete", uid: "gone-before" }))).toBe(false);
  });

  it("is nothing where something could not be read", () => {
    const seen = createSeen();
    seen.loaded(clusterState([loaded]), true);
    seen.loaded(clusterState([loaded]), false);
    expect(seen.has(news({}))).toBe(false);
    expect(seen.has(news({ operation: "delete", uid: "gone-before" }))).toBe(false);
  });

  it("is a status that we wrote, as the server answered", async () => {
    const seen = createSeen();
    seen.loaded(clusterState([loaded]), true);
    const client: KubeClient = { request: async (request) => answer(request), async *watch() {}, close: () => undefined };
    const wrapped = rememberStatusWrites(client, seen);
    await wrapped.request({ method: "PUT", path: "/7/status" });
    await wrapped.request({ method: "PUT", path: "/8/status", query: { dryRun: "All" } });
    await wrapped.request({ method: "PATCH", path: "/9" });
    expect(["5", "7", "8", "9"].map((resourceVersion) => seen.has(news({ resourceVersion })))).toEqual([true, true, false, false]);
    seen.loaded(clusterState([loaded]), true);
    expect(seen.has(news({ resourceVersion: "7" }))).toBe(false);
  });

  it("takes no notice of answers that are no objects", () => {
    const seen = createSeen();
    seen.loaded(clusterState([]), true);
    for (const told of [undefined, null, {}, { metadata: { uid: 1 } }]) expect(() => seen.wrote(told)).not.toThrow();
  });
});
