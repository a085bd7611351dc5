import { describe, expect, it } from "vitest";
import { createSnapshotKeeper } from "../../shared/admission/keep-snapshot.ts";
import { findReferences } from "../../shared/state/live/references.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { toJsonObject } from "../support/json.ts";
import { RENDER_OPTIONS } from "../support/render-settings.ts";
import { stateOf } from "../support/state.ts";

const KEY = "clusters/one/judge.json";

/** A cluster with StaticServices of these names: they tell one cluster from the other. */
function load(...names: string[]) {
  const state = stateOf(names.map((name) => toJsonObject({ apiVersion: "stunner.l7mp.io/v1", kind: "StaticService", metadata: { namespace: "a", name }, spec: { prefixes: ["192.0.2.1"] } })));
  return { state, references: findReferences(state, RENDER_OPTIONS) };
}

function setUp() {
  const store = createMemoryStore();
  const errors: unknown[] = [];
  let permits = 0;
  return {
    store, errors,
    permits: () => permits,
    permit: async () => void (permits += 1),
    keeper: () => createSnapshotKeeper(store, "one", RENDER_OPTIONS, (error) => errors.push(error)),
  };
}

describe("what writes are judged by, as a pass keeps it", () => {
  it("is written under the lease, which is asked for only where something is written, whoever wrote it before", async () => {
    const { store, keeper, permit, permits, errors } = setUp();
    for (const [name, asked] of [["x", 1], ["x", 1], ["y", 2]] as const) {
      const one = keeper();
      one.loaded(load(name));
      await one.keep(permit);
      expect(permits()).toBe(asked);
    }
    const found = await store.get(KEY);
    expect(found.status === "found" && Buffer.from(found.body).toString()).toContain('"name":"y"');
    expect(errors).toEqual([]);
  });

  it("is not written before the lease is there", async () => {
    const { store, keeper } = setUp();
    const one = keeper();
    one.loaded(load("x"));
    await expect(one.keep(() => Promise.reject(new TypeError("lost")))).rejects.toThrow("lost");
    expect(await store.get(KEY)).toEqual({ status: "absent" });
  });

  it("that would be too large takes no lease either, once there is none in the store", async () => {
    const { store, keeper, permit, permits } = setUp();
    await store.put(KEY, Buffer.from("{}"));
    const many = load(...Array.from({ length: 25_000 }, (_, n) => `${"x".repeat(240)}-${n}`));
    for (const asked of [1, 1]) {
      const one = keeper();
      one.loaded(many);
      await one.keep(permit);
      expect([permits(), await store.get(KEY)]).toEqual([asked, { status: "absent" }]);
    }
  });

  it("that cannot be read or stored fails no pass", async () => {
    const { store, keeper, permit, permits, errors } = setUp();
    store.get = () => Promise.reject(new TypeError("store"));
    const one = keeper();
    one.loaded(load("x"));
    await one.keep(permit);
    expect([permits(), errors]).toEqual([0, [new TypeError("store")]]);
  });
});
