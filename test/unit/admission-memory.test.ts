import { describe, expect, it } from "vitest";
import { createAdmission, type Admission } from "../../shared/admission/admission.ts";
import { createSnapshotStore } from "../../shared/admission/snapshot-store.ts";
import type { AdmissionMode } from "../../shared/admission/verdict.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { toJsonObject, type JsonObject } from "../support/json.ts";
import { RENDER_OPTIONS } from "../support/render-settings.ts";
import { EMPTY, knowing, request, sentences } from "../support/reviews.ts";

const CLASS = toJsonObject({
  apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass", metadata: { name: "stunner" },
  spec: { controllerName: RENDER_OPTIONS.controllerName, parametersRef: { group: "stunner.l7mp.io", kind: "GatewayConfig", namespace: "system", name: "config" } },
});
const CONFIG = toJsonObject({ apiVersion: "stunner.l7mp.io/v1", kind: "GatewayConfig", metadata: { namespace: "system", name: "config" }, spec: { userName: "a", password: "b" } });
const DATAPLANE = toJsonObject({ apiVersion: "stunner.l7mp.io/v1", kind: "Dataplane", metadata: { name: "default" }, spec: {} });
const gateway = (name: string, protocol = "TURN-UDP"): JsonObject => toJsonObject({
  apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", metadata: { namespace: "media", name },
  spec: { gatewayClassName: "stunner", listeners: [{ name: "udp", port: 3478, protocol }] },
});
const route = (parent: string): JsonObject => toJsonObject({
  apiVersion: "stunner.l7mp.io/v1", kind: "UDPRoute", metadata: { namespace: "media", name: "r" },
  spec: { parentRefs: [{ name: parent }], rules: [{ backendRefs: [{ name: "svc" }] }] },
});
const MISSING = ["spec.parentRefs[0]: Gateway media/gw does not exist"];

interface Set {
  readonly admission: Admission;
  readonly store: ObjectStore;
  readonly errors: unknown[];
  clock: number;
}

function set(store: ObjectStore = createMemoryStore(), mode: AdmissionMode = "deny"): Set {
  const errors: unknown[] = [];
  const parts: Set = { store, errors, clock: 0, admission: createAdmission({ store, cluster: "one", mode, render: RENDER_OPTIONS, now: () => parts.clock, onError: (error) => errors.push(error) }) };
  return parts;
}

const write = (store: ObjectStore, snapshot = EMPTY): Promise<void> => createSnapshotStore(store, "one").write(snapshot);

describe("what is remembered between passes", () => {
  it("lets a first apply of everything, in order, pass without a word", async () => {
    const { admission, store } = set();
    await write(store);
    await admission.look();
    for (const object of [DATAPLANE, CONFIG, CLASS, gateway("gw"), route("gw")]) expect(admission.judge(request(object))).toEqual({ allowed: true, warnings: [] });
    expect(sentences(admission.judge(request(route("other"))))).toEqual(["spec.parentRefs[0]: Gateway media/other does not exist"]);
  });

  it("decides of nothing whether it is ours to refuse: that a pass must have seen", async () => {
    const { admission, store } = set();
    await write(store, knowing({ ...CLASS, spec: { controllerName: "example.org/other" } }));
    await admission.look();
    expect(admission.judge(request(CLASS, CLASS)).allowed).toBe(true);
    expect(admission.judge(request(gateway("other", "HTTP")))).toMatchObject({ allowed: true, warnings: expect.arrayContaining([expect.stringContaining("HTTP")]) });
    await createSnapshotStore(store, "one").write(knowing(CLASS));
    await admission.look();
    expect(admission.judge(request(gateway("other", "HTTP")))).toMatchObject({ allowed: false });
  });

  it("is what was allowed and is written, not a dry run", async () => {
    const { admission, store } = set();
    await write(store, knowing(CLASS, CONFIG, DATAPLANE));
    await admission.look();
    admission.judge({ ...request(gateway("gw")), dryRun: true });
    expect(sentences(admission.judge(request(route("gw"))))).toEqual(MISSING);
    admission.judge(request(gateway("gw")));
    expect(sentences(admission.judge(request(route("gw"))))).toEqual([]);
    admission.judge(request(undefined, gateway("gw")));
    expect(sentences(admission.judge(request(route("gw"))))).toEqual(MISSING);
  });

  it("is forgotten after half a minute, when a pass has seen it or it was never stored", async () => {
    const parts = set();
    await write(parts.store, knowing(CLASS, CONFIG, DATAPLANE, gateway("gw")));
    await parts.admission.look();
    parts.admission.judge(request(gateway("new")));
    parts.admission.judge(request(undefined, gateway("gw")));
    parts.clock = 29_000;
    expect(sentences(parts.admission.judge(request(route("gw"))))).toEqual(MISSING);
    parts.clock = 31_000;
    expect(sentences(parts.admission.judge(request(route("gw"))))).toEqual([]);
    expect(sentences(parts.admission.judge(request(route("new"))))).toEqual(["spec.parentRefs[0]: Gateway media/new does not exist"]);
  });

  it("lasts while a newer snapshot comes, and has an end", async () => {
    const parts = set();
    await write(parts.store, knowing(CLASS, CONFIG, DATAPLANE));
    await parts.admission.look();
    parts.admission.judge(request(gateway("gw")));
    await createSnapshotStore(parts.store, "one").write(knowing(CLASS, CONFIG));
    await parts.admission.look();
    expect(sentences(parts.admission.judge(request(route("gw"))))).toEqual([]);
    for (let index = 0; index < 600; index++) parts.admission.judge(request(gateway(`gw-${index}`)));
    expect(sentences(parts.admission.judge(request(route("gw"))))).toEqual(MISSING);
  });
});

describe("a store that does not answer", () => {
  it("holds up nothing, and is not asked twice at a time", () => {
    let asked = 0;
    const parts = set({ ...createMemoryStore(), get: () => ((asked += 1), new Promise(() => undefined)) });
    for (parts.clock = 0; parts.clock <= 29_000; parts.clock += 1000) {
      expect(parts.admission.judge(request(gateway("gw", "HTTP")))).toEqual({ allowed: true, warnings: [] });
    }
    expect(asked).toBe(1);
    parts.clock = 31_000;
    parts.admission.judge(request(gateway("gw")));
    expect(asked).toBe(2);
  });

  it("or fails, or holds nonsense, is told and changes nothing for writes", async () => {
    const failing = set({ ...createMemoryStore(), get: () => Promise.reject(new Error("down")) });
    await failing.admission.look();
    expect(failing.errors).toEqual([new Error("down")]);
    expect(failing.admission.judge(request(gateway("gw", "HTTP")))).toEqual({ allowed: true, warnings: [] });
    const odd = set();
    const classWithoutSpec = { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", metadata: { namespace: "media", name: "x" } };
    await write(odd.store, { objects: [classWithoutSpec], absent: [] });
    await odd.admission.look();
    expect(odd.errors).toHaveLength(1);
    expect(odd.admission.judge(request(gateway("gw", "HTTP")))).toEqual({ allowed: true, warnings: [] });
  });

  it("is asked every two seconds at most, and only where something is written", async () => {
    let asked = 0;
    const memory = createMemoryStore();
    const parts = set({ ...memory, get: (key, options) => ((asked += 1), memory.get(key, options)) });
    await parts.admission.look();
    for (parts.clock = 0; parts.clock < 10_000; parts.clock += 100) {
      parts.admission.judge(request(gateway("gw")));
      await Promise.resolve();
      await new Promise(setImmediate);
    }
    expect(asked).toBeGreaterThanOrEqual(4);
    expect(asked).toBeLessThanOrEqual(6);
  });
});
