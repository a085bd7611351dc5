import { describe, expect, test } from "vitest";
import { collectGarbage, publish } from "../../shared/cds/publish.ts";
import { CorruptIndex } from "../../shared/cds/publish-errors.ts";
import { StoreUnavailable } from "../../shared/store/errors.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { failureOf, publication, readJson, recording } from "./publish-support.ts";

const INDEX = "clusters/c/index.json";
const MINUTE = 60_000;

/** Keys of the config objects, without the digest. */
async function objectsOf(store: ObjectStore): Promise<string[]> {
  return (await store.list("clusters/c/configs/")).map(({ key }) => key.split("/").slice(3, 5).join("/"));
}

/** A store with one named and two unnamed objects. */
async function littered(): Promise<ObjectStore> {
  const store = createMemoryStore();
  await publish(store, publication({ "ns/a": "one", "ns/b": "one" }));
  await publish(store, publication({ "ns/a": "two" }));
  return store;
}

/** A littered store of which one kind of operation fails. */
async function failing(word: string): Promise<ObjectStore> {
  return recording(await littered(), (call) => {
    if (call.startsWith(word)) throw new StoreUnavailable(word, { retryable: true, cause: undefined });
  });
}

function later(minutes: number): { cluster: string; now: number } {
  return { cluster: "c", now: Date.now() + minutes * MINUTE };
}

describe("collectGarbage", () => {
  test("deletes what no index names once it is ten minutes old, and nothing else", async () => {
    const store = await littered();
    await expect(collectGarbage(store, later(9.9))).resolves.toEqual({ deleted: 0, bytes: 0 });
    await expect(objectsOf(store)).resolves.toEqual(["ns/a", "ns/a", "ns/b"]);
    const sizes = (await store.list("clusters/c/configs/")).map(({ size }) => size);
    const collected = await collectGarbage(store, later(10.1));
    expect(collected).toEqual({ deleted: 2, bytes: (sizes[0] ?? 0) + (sizes[2] ?? 0) });
    await expect(objectsOf(store)).resolves.toEqual(["ns/a"]);
    await expect(publish(store, publication({ "ns/a": "two" }))).resolves.toMatchObject({ moved: false });
    await expect(readJson(store, (await store.list("clusters/c/configs/"))[0]?.key ?? "")).resolves.toMatchObject({
      auth: { realm: "two" },
    });
  });

  test("takes another grace period", async () => {
    const store = await littered();
    await expect(collectGarbage(store, { ...later(1.1), graceMs: MINUTE })).resolves.toMatchObject({ deleted: 2 });
  });

  test("moves the index before it deletes, and does not touch it when there is nothing to delete", async () => {
    const store = recording(await littered());
    const before = await readJson(store, INDEX);
    await collectGarbage(store, later(5));
    expect(store.calls.filter((call) => !/^(get|list)/.test(call))).toEqual([]);
    await collectGarbage(store, later(11));
    const changes = store.calls.filter((call) => !/^(get|list)/.test(call));
    expect(changes[0]).toBe(`put ${INDEX}`);
    expect(changes.slice(1).every((call) => call.startsWith("delete clusters/c/configs/ns/"))).toBe(true);
    const { generation, ...rest } = (await readJson(store, INDEX)) as { generation: number };
    expect({ ...rest, generation: 0 }).toEqual({ ...(before as object), generation: 0 });
    expect(generation).toBeGreaterThan((before as { generation: number }).generation);
  });

  test("leaves alone what is no config object of this cluster", async () => {
    const store = await littered();
    const digest = "0".repeat(64);
    const foreign = ["clusters/c/configs/readme.txt", `clusters/c/configs/ns/a/${digest}.txt`, `clusters/c/configs/a/b/c/${digest}.json`,
      `clusters/d/configs/ns/a/${digest}.json`, "clusters/c/report.json"];
    for (const key of foreign) await store.put(key, Buffer.from("x"));
    await collectGarbage(store, later(11));
    for (const key of foreign) await expect(store.get(key)).resolves.toMatchObject({ status: "found" });
  });

  test("deletes nothing while there is no index, or one that makes no sense", async () => {
    const store = await littered();
    await store.delete(INDEX);
    await expect(collectGarbage(store, later(99))).resolves.toEqual({ deleted: 0, bytes: 0 });
    await store.put(INDEX, Buffer.from("{}"));
    await expect(failureOf(collectGarbage(store, later(99)))).resolves.toBeInstanceOf(CorruptIndex);
    await expect(objectsOf(store)).resolves.toHaveLength(3);
  });

  test("gives way to a publication that moves the index meanwhile", async () => {
    const inner = await littered();
    const store = recording(inner, async (call) => {
      if (call === `put ${INDEX}`) await publish(inner, publication({ "ns/a": "one" }));
    });
    await expect(collectGarbage(store, later(11))).resolves.toEqual({ deleted: 0, bytes: 0 });
    await expect(objectsOf(inner)).resolves.toHaveLength(3);
  });

  test("does not delete what is published again between the listing and the deletion", async () => {
    const inner = await littered();
    let published: Promise<unknown> | undefined;
    const store = recording(inner, async (call) => {
      // Deletions run side by side: all of them wait.
      if (call.startsWith("delete")) await (published ??= publish(inner, publication({ "ns/a": "one", "ns/b": "one" })));
    });
    await expect(collectGarbage(store, later(11))).resolves.toEqual({ deleted: 0, bytes: 0 });
    await expect(objectsOf(inner)).resolves.toHaveLength(3);
  });

  test("a publisher that stood still since before the collection writes its objects again", async () => {
    const inner = await littered();
    let collected: unknown;
    const store = recording(inner, async (call) => {
      // All objects of the first try are written, the index is about to be.
      if (collected === undefined && call === `put ${INDEX}`) collected = await collectGarbage(inner, later(11));
    });
    await publish(store, publication({ "ns/a": "one", "ns/b": "one" }));
    expect(collected).toMatchObject({ deleted: 2 });
    await expect(objectsOf(inner)).resolves.toEqual(["ns/a", "ns/a", "ns/b"]);
    const index = (await readJson(inner, INDEX)) as { configs: Record<string, { digest: string }> };
    for (const [id, { digest }] of Object.entries(index.configs)) {
      await expect(readJson(inner, `clusters/c/configs/${id}/${digest}.json`)).resolves.toMatchObject({ auth: { realm: "one" } });
    }
  });

  test("a failing store is an error", async () => {
    for (const word of ["list", "get", "put", "delete"]) {
      await expect(failureOf(collectGarbage(await failing(word), later(11)))).resolves.toBeInstanceOf(StoreUnavailable);
    }
  });
});
