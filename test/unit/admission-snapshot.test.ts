import { describe, expect, it } from "vitest";
import { createSnapshotStore } from "../../shared/admission/snapshot-store.ts";
import { snapshotOf } from "../../shared/admission/snapshot.ts";
import { createWorld } from "../../shared/admission/world.ts";
import { findReferences } from "../../shared/state/live/references.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { toJsonObject, type JsonObject } from "../support/json.ts";
import { RENDER_OPTIONS } from "../support/render-settings.ts";
import { EMPTY, judged, knowing, request, sentences } from "../support/reviews.ts";
import { stateOf } from "../support/state.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const of = (apiVersion: string, kind: string, namespace: string | undefined, name: string, rest: object): JsonObject =>
  toJsonObject({ apiVersion, kind, metadata: { namespace, name }, ...rest });

const CLASS = of("gateway.networking.k8s.io/v1", "GatewayClass", undefined, "stunner", {
  spec: { controllerName: RENDER_OPTIONS.controllerName, parametersRef: { group: "stunner.l7mp.io", kind: "GatewayConfig", namespace: "system", name: "config" } },
});
const DATAPLANE = of("stunner.l7mp.io/v1", "Dataplane", undefined, "default", { spec: {} });
const CONFIG = of("stunner.l7mp.io/v1", "GatewayConfig", "system", "config", {
  spec: { userName: "planted-user", password: "planted-password", sharedSecret: "planted-shared", authRef: { name: "auth" } },
});
const TLS = { name: "tls", port: 443, protocol: "TURN-TLS", tls: { certificateRefs: [{ name: "cert" }, { name: "missing" }] } };
const GATEWAY = of("gateway.networking.k8s.io/v1", "Gateway", "media", "gw", { spec: { gatewayClassName: "stunner", listeners: [TLS] } });
const ROUTE = of("stunner.l7mp.io/v1", "UDPRoute", "media", "r", { spec: { parentRefs: [{ name: "gw" }], rules: [{ backendRefs: [{ name: "svc" }, { name: "gone" }] }] } });
const SERVICE = of("v1", "Service", "media", "svc", { spec: { type: "ClusterIP", clusterIP: "10.0.0.1", ports: [{ name: "a", port: 1 }] } });
const UNUSED = of("v1", "Service", "media", "unused", { spec: { type: "ClusterIP", ports: [{ name: "a", port: 1 }] } });
const secret = (name: string, namespace: string, data: Record<string, string>): JsonObject => of("v1", "Secret", namespace, name, { data });
const CERT = secret("cert", "media", { "tls.crt": base64("planted-certificate"), "tls.key": base64("planted-key") });
const AUTH = secret("auth", "system", { type: base64("ephemeral"), secret: base64("planted-secret") });
const OTHERS = of("gateway.networking.k8s.io/v1", "GatewayClass", undefined, "other", { spec: { controllerName: "example.org/other" } });
const FOREIGN = of("gateway.networking.k8s.io/v1", "Gateway", "web", "gw", { spec: { gatewayClassName: "other", listeners: [{ name: "web", port: 80, protocol: "HTTP" }] } });

const EVERYTHING = [CLASS, DATAPLANE, CONFIG, GATEWAY, ROUTE, SERVICE, UNUSED, CERT, AUTH, OTHERS, FOREIGN];

function snapshot(objects: readonly JsonObject[]) {
  const state = stateOf(objects);
  return snapshotOf(state, findReferences(state, RENDER_OPTIONS), RENDER_OPTIONS);
}

describe("the snapshot", () => {
  it("holds no secret, and of what is not referred to nothing", () => {
    const text = JSON.stringify(snapshot(EVERYTHING));
    for (const word of ["planted", base64("planted-").slice(0, 9), "unused", "HTTP"]) expect(text).not.toContain(word);
    expect(snapshot(EVERYTHING).absent).toEqual(["/Service/media/gone", "/Secret/media/missing"]);
  });

  it("is the same text for the same cluster, in whatever order it was read", () => {
    expect(JSON.stringify(snapshot([...EVERYTHING].reverse()))).toBe(JSON.stringify(snapshot(EVERYTHING)));
  });

  it("judges as the whole cluster would", () => {
    const known = snapshot(EVERYTHING);
    expect(judged(request(GATEWAY, GATEWAY), { snapshot: known }).warnings).toEqual([]);
    expect(sentences(judged(request(ROUTE, ROUTE), { snapshot: known }))).toEqual(["spec.rules[0].backendRefs: Service media/gone does not exist"]);
    const odd = snapshot([...EVERYTHING.filter((one) => one !== AUTH), secret("auth", "system", { type: base64("planted-password"), username: base64("x") })]);
    expect(JSON.stringify(odd)).not.toContain(base64("planted-").slice(0, 9));
    expect(sentences(judged(request(CONFIG, CONFIG), { snapshot: odd }))).toEqual([]);
    expect(sentences(judged(request(GATEWAY, GATEWAY), { snapshot: odd }))).toEqual([
      "Secret system/auth: data.type: unknown authentication type; accepted: static, plaintext, ephemeral, timewindowed, longterm",
    ]);
  });

  it("knows Gateways of other controllers by name only", () => {
    const known = snapshot(EVERYTHING);
    const route = of("stunner.l7mp.io/v1", "UDPRoute", "web", "r", { spec: { parentRefs: [{ name: "gw" }, { name: "none" }], rules: [{ backendRefs: [{ name: "svc" }] }] } });
    expect(sentences(judged(request(route), { snapshot: known }))).toEqual(["spec.parentRefs[1]: Gateway web/none does not exist"]);
  });
});

describe("its place in the store", () => {
  it("is written when it differs, by another process too", async () => {
    const store = createMemoryStore();
    let puts = 0;
    const counting: typeof store = { ...store, put: (...given) => ((puts += 1), store.put(...given)) };
    const first = createSnapshotStore(counting, "one");
    await first.write(EMPTY);
    await first.write(EMPTY);
    await createSnapshotStore(counting, "one").write(EMPTY);
    expect(puts).toBe(1);
    await first.write(knowing(CLASS));
    expect(puts).toBe(2);
  });

  it("is read when it has changed; what cannot be read is as good as absent", async () => {
    const store = createMemoryStore();
    const reader = createSnapshotStore(store, "one");
    expect(await reader.read()).toBeUndefined();
    await createSnapshotStore(store, "one").write(knowing(CLASS));
    expect(await reader.read()).toMatchObject({ objects: [{ kind: "GatewayClass" }] });
    expect(await reader.read()).toBe("unchanged");
    for (const text of ["{", "[]", '{"version":2,"objects":[],"absent":[]}', '{"version":1,"objects":[{}],"absent":[]}', " ".repeat(8 * 1024 * 1024 + 1)]) {
      await store.put("clusters/one/judge.json", Buffer.from(text));
      expect(await reader.read()).toBeUndefined();
    }
  });

  it("is written over what was found there and nothing newer: who was stopped in between looks anew", async () => {
    const store = createMemoryStore();
    const [stopped, other] = [createSnapshotStore(store, "one"), createSnapshotStore(store, "one")];
    expect(await stopped.differs(EMPTY)).toBe(true);
    await other.write(knowing(CLASS));
    await expect(stopped.write(EMPTY)).rejects.toMatchObject({ code: "precondition-failed" });
    expect(await createSnapshotStore(store, "one").read()).toMatchObject({ objects: [{ kind: "GatewayClass" }] });
    await stopped.write(EMPTY);
    expect(await createSnapshotStore(store, "one").read()).toMatchObject({ objects: [] });
  });

  it("has an end: a cluster that is larger is not stored", async () => {
    const store = createMemoryStore();
    const writer = createSnapshotStore(store, "one");
    await writer.write(EMPTY);
    await writer.write({ objects: [], absent: ["x".repeat(9 * 1024 * 1024)] });
    expect(await store.get("clusters/one/judge.json")).toMatchObject({ status: "absent" });
  });
});

describe("what is around an object", () => {
  it("has an end, however much depends on it", () => {
    const routes = Array.from({ length: 2000 }, (_, index) => ({ ...ROUTE, metadata: { namespace: "media", name: `r-${index}` } }));
    const [seed] = knowing(GATEWAY).objects;
    const world = createWorld(knowing(CLASS, CONFIG, DATAPLANE, GATEWAY, ...routes));
    const around = world.around([seed as never], RENDER_OPTIONS);
    expect(around.length).toBeGreaterThan(200);
    expect(around.length).toBeLessThan(400);
    expect(around.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["GatewayClass", "GatewayConfig", "Dataplane"]));
  });
});
