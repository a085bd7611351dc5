import { describe, expect, test } from "vitest";
import { publish, publishNodes } from "../../shared/cds/publish.ts";
import { CorruptIndex, CorruptNodes, DamagedConfigs, IndexGone, OlderIndex } from "../../shared/cds/publish-errors.ts";
import { StoreUnavailable } from "../../shared/store/errors.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { apart, follow, INDEX, NODES, outage, realms, summary } from "./publish-follow-support.ts";
import { publication, recording } from "./publish-support.ts";

describe("when something is wrong, what was served stays", () => {
  test("the store is down", async () => {
    const { store, inner, down } = outage(/./);
    await publish(inner, publication({ "ns/a": "one" }));
    const { follower, changes, errors } = follow(store);
    await follower.start();
    down(true);
    await publish(inner, publication({ "ns/a": "two" }));
    await follower.refresh();
    expect(realms(follower)).toEqual({ "ns/a": "one" });
    expect(follower.ready).toBe(true);
    expect(errors).toHaveLength(2);
    expect(errors[0]).toBeInstanceOf(StoreUnavailable);
    down(false);
    await follower.refresh();
    expect(realms(follower)).toEqual({ "ns/a": "two" });
    expect(changes).toHaveLength(2);
  });

  test("the store is down at the start: not ready until it is back, even if only the nodes were missing", async () => {
    const { store, inner, down } = outage(/nodes/);
    await publish(inner, publication({ "ns/a": "one" }));
    await publishNodes(inner, "c", new Map([["n", "192.0.2.1"]]));
    down(true);
    const { follower, changes } = follow(store);
    await follower.start();
    expect(follower.ready).toBe(false);
    expect(changes).toEqual([]);
    down(false);
    await follower.refresh();
    expect(follower.ready).toBe(true);
    expect(changes.map(summary)).toEqual([{ changed: ["ns/a"], deleted: [], nodes: ["n"] }]);
  });

  test("one config object cannot be read: never a mixture", async () => {
    const { store, inner, down } = outage(/configs\/ns\/b/);
    await publish(inner, publication({ "ns/a": "one", "ns/b": "one" }));
    const { follower, changes } = follow(store);
    await follower.start();
    down(true);
    await publish(inner, publication({ "ns/a": "two", "ns/b": "two" }));
    await follower.refresh();
    expect(realms(follower)).toEqual({ "ns/a": "one", "ns/b": "one" });
    down(false);
    await follower.refresh();
    expect(realms(follower)).toEqual({ "ns/a": "two", "ns/b": "two" });
    expect(changes).toHaveLength(2);
  });

  test("an object is absent or damaged: nothing changes until it is there again, and the good ones are read once", async () => {
    const store = createMemoryStore();
    const recorded = recording(apart(store));
    const all = { "ns/a": "one", "ns/b": "one" };
    await publish(store, publication(all));
    const [, b] = await store.list("clusters/c/configs/");
    await store.put(b?.key ?? "", Buffer.from("short"));
    const { follower, errors } = follow(apart(recorded));
    await follower.start();
    await store.delete(b?.key ?? "");
    await follower.refresh();
    expect(follower.ready).toBe(false);
    expect(follower.entries.size).toBe(0);
    expect(errors).toHaveLength(2);
    for (const error of errors) expect(error).toBeInstanceOf(DamagedConfigs);
    expect(errors[0]).toMatchObject({ code: "damaged-configs", retryable: true, message: expect.stringContaining(b?.key ?? "x") });
    await publish(store, publication(all, { repair: new Set(["ns/b"]) }));
    await follower.refresh();
    expect(realms(follower)).toEqual(all);
    expect(recorded.calls.filter((call) => call.includes("configs/ns/a"))).toHaveLength(1);
  });

  test("many damaged objects make a message of bearable length", async () => {
    const store = createMemoryStore();
    await publish(store, publication(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`ns/${index}`, "one"]))));
    for (const { key } of await store.list("clusters/c/configs/")) await store.delete(key);
    const { follower, errors } = follow(store);
    await follower.start();
    expect(String(errors[0])).toMatch(/and 47 more: absent or damaged/);
  });

  test("an object is collected while it is read: the newer state is shown, the older never", async () => {
    const inner = createMemoryStore();
    await publish(inner, publication({ "ns/a": "one", "ns/b": "one" }));
    const { follower: warm } = follow(inner);
    await warm.start();
    let moved = false;
    const store = recording(apart(inner), async (call) => {
      if (moved || !call.includes("/configs/")) return;
      moved = true;
      const old = await inner.list("clusters/c/configs/");
      await publish(inner, publication({ "ns/a": "two", "ns/b": "two" }));
      for (const { key } of old) await inner.delete(key);
    });
    const { follower, changes, errors } = follow(apart(store));
    await follower.start();
    expect(realms(follower)).toEqual({ "ns/a": "two", "ns/b": "two" });
    expect(changes).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  test("the index makes no sense, is gone, or is older than what is served", async () => {
    const store = createMemoryStore();
    await publish(store, publication({ "ns/a": "one" }));
    const old = await store.get(INDEX);
    await publish(store, publication({ "ns/a": "two" }));
    const { follower, changes, errors } = follow(apart(store));
    await follower.start();

    await store.put(INDEX, Buffer.from("{"));
    await follower.refresh();
    await store.delete(INDEX);
    await follower.refresh();
    await store.put(INDEX, old.status === "found" ? old.body : Buffer.of());
    await follower.refresh();
    expect(errors.map((error) => (error as Error).constructor)).toEqual([CorruptIndex, IndexGone, OlderIndex]);
    expect(errors).toMatchObject([{ code: "corrupt-index" }, { code: "index-gone" }, { code: "older-index" }]);
    expect(realms(follower)).toEqual({ "ns/a": "two" });
    expect(follower.ready).toBe(true);

    await store.delete(INDEX);
    await publish(store, publication({ "ns/a": "three" }, { now: 9000 }));
    await follower.refresh();
    expect(realms(follower)).toEqual({ "ns/a": "three" });
    expect(changes).toHaveLength(2);
  });

  test("the table of nodes makes no sense: configs are served all the same", async () => {
    const store = createMemoryStore();
    await publish(store, publication({ "ns/a": "one" }));
    for (const text of ["{", "[]", '{"n":1}']) {
      await store.put(NODES, Buffer.from(text));
      const { follower, errors } = follow(apart(store));
      await follower.start();
      expect(follower.ready).toBe(true);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toBeInstanceOf(CorruptNodes);
    }
  });
});
