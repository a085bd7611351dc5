import { describe, expect, it } from "vitest";
import { publish } from "../../shared/cds/publish.ts";
import { refsAfterPartialLoad, refsOf } from "../../shared/events/refs.ts";
import { createRefsKeeper, type RefsKeeper } from "../../shared/events/refs-keeper.ts";
import { createRefsStore } from "../../shared/events/refs-store.ts";
import { createSeen, rememberStatusWrites } from "../../shared/events/seen.ts";
import type { KubeAnswer, KubeClient, KubeRequest } from "../../shared/kube/client.ts";
import { CONTROLLER_NAME } from "../../shared/resources/constants.ts";
import type { KubeObject } from "../../shared/resources/meta.ts";
import { clusterState } from "../../shared/state/cluster-state.ts";
import { findReferences } from "../../shared/state/live/references.ts";
import type { LiveState } from "../../shared/state/live/load.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { change, refs } from "./events/fixtures.ts";
import { gateway, gatewayClass, route } from "./render/builders.ts";

const object = (apiVersion: string, kind: string, key: string, labels: Record<string, string> = {}): KubeObject => {
  const [namespace = "", name = ""] = key.split("/");
  return { apiVersion, kind, metadata: { namespace, name, labels, uid: `uid-of-${name}`, resourceVersion: "5" } };
};

const refused = () => Promise.reject(new Error("no lease"));

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

describe("references of a pass", () => {
  it("tell what belongs to others, what is ours, and which slices count", () => {
    const found = state();
    const references = findReferences(found, { controllerName: CONTROLLER_NAME, mode: "managed" });
    const known = refsOf(found, references, CONTROLLER_NAME);
    expect(known).toEqual({
      references,
      foreignClasses: new Set(["nginx"]),
      foreignGateways: new Set(["web/front"]),
      gateways: new Set(["media/gw", "web/lost"]),
      owned: new Set(["Deployment/media/gw", "Service/media/gw"]),
      slices: new Set(["media/livekit-abcde"]),
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

  const KINDS = ["gateways.gateway.networking.k8s.io"];
  const stored = (more?: Parameters<typeof refs>[0]) => ({ refs: refs(more), kinds: KINDS });

  it("gives back what was written, to another process too", async () => {
    const store = createMemoryStore();
    await createRefsStore(store, "one").write(stored());
    const other = createRefsStore(store, "one");
    expect(await other.read()).toEqual(stored());
    expect(await other.read()).toEqual(stored());
    expect(await createRefsStore(store, "two").read()).toBeUndefined();
    // No load was complete yet.
    await createRefsStore(store, "two").write({ refs: undefined, kinds: KINDS });
    expect(await createRefsStore(store, "two").read()).toEqual({ refs: undefined, kinds: KINDS });
  });

  it("tells what differs, whatever the order", async () => {
    const store = createMemoryStore();
    const kept = createRefsStore(store, "one");
    expect(kept.differs(stored())).toBe(true);
    await kept.write(stored());
    expect(kept.differs(stored())).toBe(false);
    const reader = createRefsStore(store, "one");
    await reader.read();
    const { secrets } = refs().references;
    expect(reader.differs(stored({ references: { secrets: new Set([...secrets].reverse()) } }))).toBe(false);
    expect(reader.differs(stored({ references: { secrets: new Set() } }))).toBe(true);
    expect(reader.differs({ refs: refs(), kinds: [] })).toBe(true);
  });

  it("writes over nothing that it has not seen", async () => {
    const store = createMemoryStore();
    const [one, other] = [createRefsStore(store, "one"), createRefsStore(store, "one")];
    await other.read();
    await one.write(stored());
    const late = stored({ gateways: new Set() });
    await expect(other.write(late)).rejects.toMatchObject({ code: "precondition-failed" });
    await other.read();
    await one.write(stored({ owned: new Set() }));
    await expect(other.write(late)).rejects.toMatchObject({ code: "precondition-failed" });
    expect((await one.read())?.refs?.owned).toEqual(new Set());
  });

  it("takes what it cannot read for nothing", async () => {
    const store = createMemoryStore();
    const kept = createRefsStore(store, "one");
    await kept.write(stored());
    for (const text of ["{", "[]", JSON.stringify({ version: 3, kinds: [] }), '{"version":2,"kinds":"no"}']) {
      await store.put(key, Buffer.from(text));
      expect(await kept.read()).toBeUndefined();
      expect(await createRefsStore(store, "one").read()).toBeUndefined();
    }
    expect(kept.differs(stored())).toBe(true);
    await kept.write(stored());
    await store.delete(key);
    expect(await kept.read()).toBeUndefined();
  });
});

const UID = "uid-of-the-cluster";
const live = (more: Partial<LiveState> = {}): LiveState => {
  const found = state();
  return { state: found, references: findReferences(found, { controllerName: CONTROLLER_NAME, mode: "managed" }), clusterUid: UID, problems: [], unread: [], raw: new Map(), kinds: ["a"], ...more };
};
const begin = (store: ObjectStore) => createRefsKeeper({ store, cluster: "one", controllerName: CONTROLLER_NAME, onError: () => expect.unreachable() });
const pass = async (keeper: RefsKeeper, found: LiveState, permit = async (): Promise<void> => undefined) => {
  const known = await keeper.knownKinds();
  await keeper.loaded(found, permit);
  return known;
};
const read = (store: ObjectStore) => createRefsStore(store, "one").read();

describe("what passes leave", () => {
  it("is written under the lease, and only where it differs from what is stored now", async () => {
    const store = createMemoryStore();
    const [one, other] = [begin(store), begin(store)];
    await expect(pass(one, live(), refused)).rejects.toThrow("no lease");
    expect(await read(store)).toBeUndefined();
    expect(await pass(one, live())).toBeUndefined();
    expect(await pass(one, live(), refused)).toEqual(["a"]);
    // What another process left meanwhile is not what was found now.
    await pass(other, live({ kinds: ["b"] }));
    await expect(pass(one, live(), refused)).rejects.toThrow("no lease");
    expect(await pass(one, live())).toEqual(["b"]);
    expect((await read(store))?.kinds).toEqual(["a"]);
  });

  it("remembers kinds before any load was complete, and references that could not be read", async () => {
    const store = createMemoryStore();
    await pass(begin(store), live({ unread: ["list of nodes"] }));
    expect(await read(store)).toEqual({ refs: undefined, kinds: ["a"] });
    await pass(begin(store), live());
    const whole = await read(store);
    const nothing = clusterState([]);
    await pass(begin(store), live({ unread: ["kind a"], state: nothing, references: findReferences(nothing, { controllerName: CONTROLLER_NAME, mode: "managed" }) }));
    expect((await read(store))?.refs?.references).toEqual(whole?.refs?.references);
  });

  it("is left alone by another cluster under the same name", async () => {
    const store = createMemoryStore();
    await publish(store, { cluster: "one", configs: new Map(), held: new Set(), fence: 1, clusterUid: UID, now: 1 });
    await pass(begin(store), live());
    const before = await read(store);
    await pass(begin(store), live({ clusterUid: "another", kinds: [] }), refused);
    expect(await read(store)).toEqual(before);
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
