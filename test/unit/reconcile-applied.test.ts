import { describe, expect, it } from "vitest";
import { apply, type Plan } from "../../shared/apply/apply.ts";
import type { Cluster, Written } from "../../shared/apply/cluster.ts";
import { digestOf } from "../../shared/apply/digest.ts";
import { readApplied, writeApplied } from "../../shared/reconcile/applied-store.ts";
import type { DesiredObject } from "../../shared/render/result.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";

const object: DesiredObject = { apiVersion: "v1", kind: "Service", metadata: { name: "gw", namespace: "media" }, spec: { type: "NodePort" } };
const KEY = "Service/media/gw";
const DIFFERENCES = [{ field: "spec.type", wanted: "NodePort", live: "ClusterIP", manager: "kubectl" }];

/** A cluster in which the object always differs. */
function drifted(asked: boolean[] = []): Cluster {
  return {
    load: () => Promise.reject(new Error("not asked for")),
    write: (_, leave = false): Promise<Written> => {
      asked.push(leave);
      return Promise.resolve({ operation: leave ? "drifted" : "updated", differences: DIFFERENCES });
    },
    writeStatus: () => Promise.resolve({ operation: "unchanged" }),
    remove: () => Promise.resolve(),
  };
}

const plan = (lastApplied: ReadonlyMap<string, string>, drift: Plan["drift"] = "correct"): Plan => ({
  objects: [object],
  deletions: [],
  statuses: [],
  listenersOf: () => [],
  isHeld: () => false,
  lastApplied,
  drift,
});

describe("why an object differs", () => {
  const fields = [{ field: "spec.type", manager: "kubectl" }];

  it.each([
    ["nothing is known of it", new Map<string, string>(), "adoption"],
    ["we want something else than last time", new Map([[KEY, "another digest"]]), "change"],
    ["we want the same", new Map([[KEY, digestOf(object)]]), "drift"],
  ])("%s", async (_, lastApplied, cause) => {
    const { changes } = await apply(drifted(), plan(lastApplied));
    expect(changes).toEqual([{ operation: "updated", object: "Service media/gw", cause, fields }]);
  });

  it("leaves what has only drifted, if asked to, and tells it", async () => {
    const asked: boolean[] = [];
    const { changes, complete } = await apply(drifted(asked), plan(new Map([[KEY, digestOf(object)]]), "report"));
    expect(asked).toEqual([true]);
    expect(complete).toBe(true);
    expect(changes).toEqual([{ operation: "drifted", object: "Service media/gw", cause: "drift", fields }]);
  });

  it("writes a change though drift is only reported", async () => {
    const asked: boolean[] = [];
    await apply(drifted(asked), plan(new Map([[KEY, "another digest"]]), "report"));
    expect(asked).toEqual([false]);
  });
});

describe("what was applied", () => {
  it("is remembered, what is held too, and what is gone is not", async () => {
    const last = new Map([["Service/media/held", "h"], ["Service/media/gone", "g"]]);
    const { digests } = await apply(drifted(), { ...plan(last), isHeld: (key) => key === "Service/media/held" });
    expect(Object.fromEntries(digests)).toEqual({ "Service/media/held": "h", [KEY]: digestOf(object) });
  });

  it("is written when it changed, and read back", async () => {
    const store = createMemoryStore();
    const now = new Map([["b", "2"], ["a", "1"]]);
    await writeApplied(store, "c", new Map(), now);
    const { etag } = (await store.get("clusters/c/applied.json")) as { etag: string };
    expect(await readApplied(store, "c")).toEqual(now);
    await writeApplied(store, "c", new Map([["a", "1"], ["b", "2"]]), now);
    expect(await store.get("clusters/c/applied.json", { ifNoneMatch: etag })).toEqual({ status: "not-modified" });
  });

  it("counts as unknown where it cannot be read", async () => {
    const store = createMemoryStore();
    await store.put("clusters/c/applied.json", Buffer.from("[1]"));
    expect(await readApplied(store, "c")).toEqual(new Map());
    await store.put("clusters/c/applied.json", Buffer.from("{"));
    expect(await readApplied(store, "c")).toEqual(new Map());
    expect(await readApplied(createMemoryStore(), "c")).toEqual(new Map());
  });
});
