import { describe, expect, it } from "vitest";
import { apply, type Plan } from "../../shared/apply/apply.ts";
import type { Cluster, Written } from "../../shared/apply/cluster.ts";
import { digestOf } from "../../shared/apply/digest.ts";
import { readApplied, writeApplied } from "../../shared/reconcile/applied-store.ts";
import type { DesiredObject } from "../../shared/render/result.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";

const object: DesiredObject = { apiVersion: "v1", kind: "Service", metadata: { name: "gw", namespace: "media" }, spec: { type: "NodePort", ports: [] } };
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

const digest = (ports: object[], annotations = {}): string =>
  digestOf({ ...object, metadata: { ...object.metadata, annotations }, spec: { type: "NodePort", ports } } as DesiredObject);

it("takes what is asked for as a wish, and not the node ports that a cluster has given", () => {
  expect(digest([{ port: 1, nodePort: 30001 }])).toBe(digest([{ port: 1 }]));
  expect(digest([{ port: 1 }])).not.toBe(digest([{ port: 2 }]));
  expect(digest([], { "stunner.l7mp.io/nodeport": "30001" })).not.toBe(digest([], { "stunner.l7mp.io/nodeport": "30002" }));
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

const lease = (number: number, followsUnended = false) => ({ acquire: async () => number, followsUnended });

describe("what was applied", () => {
  it("is remembered, what is held too, and what is gone is not", async () => {
    const last = new Map([["Service/media/held", "h"], ["Service/media/gone", "g"]]);
    const { digests } = await apply(drifted(), { ...plan(last), isHeld: (key) => key === "Service/media/held" });
    expect(Object.fromEntries(digests)).toEqual({ "Service/media/held": "h", [KEY]: digestOf(object) });
  });

  const now = new Map([["b", "2"], ["a", "1"]]);

  it("is written when it changed, and read back", async () => {
    const store = createMemoryStore();
    await writeApplied(store, "c", await readApplied(store, "c"), now, lease(7));
    const written = await readApplied(store, "c");
    expect(written.digests).toEqual(now);
    await writeApplied(store, "c", written, new Map([["a", "1"], ["b", "2"]]), lease(8));
    expect(await store.get("clusters/c/applied.json", { ifNoneMatch: written.etag ?? "" })).toEqual({ status: "not-modified" });
  });

  it("is written anew after a pass that did not end, as another text", async () => {
    const store = createMemoryStore();
    const text = async () => Buffer.from(((await store.get("clusters/c/applied.json")) as { body: Uint8Array }).body).toString();
    await writeApplied(store, "c", await readApplied(store, "c"), now, lease(7));
    expect(await text()).toBe('{"fence":"7","a":"1","b":"2"}');
    await writeApplied(store, "c", await readApplied(store, "c"), now, lease(8, true));
    expect(await text()).toBe('{"fence":"8","a":"1","b":"2"}');
  });

  it("replaces what one that lost its lease has written meanwhile, and is not written by that one", async () => {
    const store = createMemoryStore();
    const before = await readApplied(store, "c");
    await writeApplied(store, "c", before, new Map([["a", "older"]]), lease(7));
    await writeApplied(store, "c", before, now, lease(8));
    expect((await readApplied(store, "c")).digests).toEqual(now);
    const lost = { acquire: () => Promise.reject(new Error("lost")), followsUnended: false };
    await expect(writeApplied(store, "c", before, new Map([["a", "older"]]), lost)).rejects.toThrow("lost");
    expect((await readApplied(store, "c")).digests).toEqual(now);
  });

  it("counts as unknown where it cannot be read", async () => {
    const store = createMemoryStore();
    await store.put("clusters/c/applied.json", Buffer.from("[1]"));
    expect((await readApplied(store, "c")).digests).toEqual(new Map());
    await store.put("clusters/c/applied.json", Buffer.from("{"));
    expect((await readApplied(store, "c")).digests).toEqual(new Map());
    expect((await readApplied(createMemoryStore(), "c")).digests).toEqual(new Map());
  });
});
