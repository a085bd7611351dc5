import { describe, expect, test } from "vitest";
import { createPublishedCache, loadPublished, publish } from "../../shared/cds/publish.ts";
import { CorruptIndex } from "../../shared/cds/publish-errors.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { configOf, failureOf, publication, recording } from "./publish-support.ts";

const INDEX = "clusters/c/index.json";
const OBJECT = /^get clusters\/c\/configs\//;

describe("loadPublished", () => {
  test("gives what was published, ascending by id", async () => {
    const store = createMemoryStore();
    await expect(loadPublished(store, "c")).resolves.toEqual(new Map());
    await publish(store, publication({ "ns/b": "one", "ns/a": "two" }));
    const configs = await loadPublished(store, "c");
    expect([...configs]).toEqual([["ns/a", configOf("ns/a", "two")], ["ns/b", configOf("ns/b", "one")]]);
  });

  test("with a cache reads nothing twice", async () => {
    const store = recording(createMemoryStore());
    const cache = createPublishedCache();
    await publish(store, publication({ "ns/a": "one", "ns/b": "one" }));
    const first = await loadPublished(store, "c", cache);
    expect(store.calls.filter((call) => OBJECT.test(call))).toHaveLength(2);
    store.calls.length = 0;
    await expect(loadPublished(store, "c", cache)).resolves.toEqual(first);
    expect(store.calls).toEqual([`get ${INDEX}`]);
    await publish(store, publication({ "ns/a": "two", "ns/b": "one" }));
    store.calls.length = 0;
    const second = await loadPublished(store, "c", cache);
    expect(store.calls.filter((call) => OBJECT.test(call))).toHaveLength(1);
    expect(second.get("ns/a")?.auth.realm).toBe("two");
    expect(second.get("ns/b")).toBe(first.get("ns/b"));
    await publish(store, publication({}));
    await expect(loadPublished(store, "c", cache)).resolves.toEqual(new Map());
    expect(cache.configs.size).toBe(0);
  });

  test("an index that is gone leaves nothing in the cache", async () => {
    const store = createMemoryStore();
    const cache = createPublishedCache();
    await publish(store, publication({ "ns/a": "one" }));
    await loadPublished(store, "c", cache);
    await store.delete(INDEX);
    await expect(loadPublished(store, "c", cache)).resolves.toEqual(new Map());
  });

  test("changing the map that it gave changes nothing else", async () => {
    const store = createMemoryStore();
    const cache = createPublishedCache();
    await publish(store, publication({ "ns/a": "one" }));
    (await loadPublished(store, "c", cache)).clear();
    await expect(loadPublished(store, "c", cache)).resolves.toHaveProperty("size", 1);
  });

  test("leaves out what is damaged and says so, until it is published anew", async () => {
    const store = createMemoryStore();
    const cache = createPublishedCache();
    const all = { "ns/a": "one", "ns/b": "one", "ns/c": "one" };
    await publish(store, publication(all));
    const [a, b] = await store.list("clusters/c/configs/");
    await store.delete(a?.key ?? "");
    await store.put(b?.key ?? "", Buffer.from("x".repeat(b?.size ?? 0)));
    for (let round = 0; round < 2; round += 1) {
      await expect(loadPublished(store, "c", cache)).resolves.toEqual(new Map([["ns/c", configOf("ns/c", "one")]]));
      expect(cache.damaged).toEqual(new Set(["ns/a", "ns/b"]));
    }
    await publish(store, publication(all, { repair: cache.damaged }));
    await expect(loadPublished(store, "c", cache)).resolves.toHaveProperty("size", 3);
    expect(cache.damaged).toEqual(new Set());
  });

  test("an object that is collected meanwhile is found in the index that took its place", async () => {
    const inner = createMemoryStore();
    await publish(inner, publication({ "ns/a": "one", "ns/b": "one" }));
    let moved = false;
    const store = recording(inner, async (call) => {
      if (moved || !OBJECT.test(call)) return;
      moved = true;
      const [old] = await inner.list("clusters/c/configs/ns/a/");
      await publish(inner, publication({ "ns/a": "two", "ns/b": "one" }));
      await inner.delete(old?.key ?? "");
    });
    const cache = createPublishedCache();
    const configs = await loadPublished(store, "c", cache);
    expect(configs.get("ns/a")?.auth.realm).toBe("two");
    expect(cache.damaged.size).toBe(0);
    expect(store.calls.filter((call) => OBJECT.test(call))).toHaveLength(3);
  });

  test("an index that moves all the time ends in damage, not in an endless loop", async () => {
    const inner = createMemoryStore();
    await publish(inner, publication({ "ns/a": "0" }));
    let round = 0;
    const store = recording(inner, async (call) => {
      if (!OBJECT.test(call)) return;
      round += 1;
      for (const { key } of await inner.list("clusters/c/configs/")) await inner.delete(key);
      await publish(inner, publication({ "ns/a": String(round) }));
    });
    const cache = createPublishedCache();
    await expect(loadPublished(store, "c", cache)).resolves.toEqual(new Map());
    expect(cache.damaged).toEqual(new Set(["ns/a"]));
    expect(round).toBe(5);
  });

  test("an index that goes away meanwhile is absent", async () => {
    const inner = createMemoryStore();
    await publish(inner, publication({ "ns/a": "one" }));
    const store = recording(inner, async (call) => {
      if (!OBJECT.test(call)) return;
      for (const { key } of await inner.list("")) await inner.delete(key);
    });
    await expect(loadPublished(store, "c")).resolves.toEqual(new Map());
  });

  test("an index that makes no sense is an error, and the cache stays", async () => {
    const store = createMemoryStore();
    const cache = createPublishedCache();
    await publish(store, publication({ "ns/a": "one" }));
    await loadPublished(store, "c", cache);
    await store.put(INDEX, Buffer.from("{"));
    await expect(failureOf(loadPublished(store, "c", cache))).resolves.toBeInstanceOf(CorruptIndex);
    expect(cache.configs.size).toBe(1);
  });
});
