import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { publish, publishNodes } from "../../shared/cds/publish.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { apart, follow, NODES, realms, summary } from "./publish-follow-support.ts";
import { publication, recording } from "./publish-support.ts";

describe("what is served", () => {
  test("nothing and not ready before the first look", async () => {
    const { follower } = follow(createMemoryStore());
    expect(follower.ready).toBe(false);
    expect(follower.entries.size).toBe(0);
    expect(follower.nodeAddress("n")).toBeUndefined();
    await follower.start();
    expect(follower.ready).toBe(true);
  });

  test("every config as published, ascending by id, with its digest", async () => {
    const store = createMemoryStore();
    await publish(store, publication({ "ns/b": "one", "ns/a": "one", "a/z": "one" }));
    const { follower, changes } = follow(apart(store));
    await follower.start();
    expect([...follower.entries.keys()]).toEqual(["a/z", "ns/a", "ns/b"]);
    for (const [id, entry] of follower.entries) {
      expect(entry.id).toBe(id);
      expect(hash("sha256", entry.text, "hex")).toBe(entry.digest);
      expect(JSON.parse(entry.text.toString()).admin.name).toBe(id);
    }
    expect(changes.map(summary)).toEqual([{ changed: ["a/z", "ns/a", "ns/b"], deleted: [], nodes: [] }]);
  });

  test("one change per move of the index, with all that changed; only changed objects are read", async () => {
    const inner = createMemoryStore();
    await publish(inner, publication({ "ns/a": "one", "ns/b": "one", "ns/c": "one" }));
    const store = recording(inner);
    const { follower, changes } = follow(apart(store));
    await follower.start();
    const kept = follower.entries.get("ns/c");
    await publish(inner, publication({ "ns/a": "two", "ns/c": "one", "ns/d": "two" }));
    store.calls.length = 0;
    await follower.refresh();
    expect(summary(changes[1])).toEqual({ changed: ["ns/a", "ns/d"], deleted: ["ns/b"], nodes: [] });
    expect(realms(follower)).toEqual({ "ns/a": "two", "ns/c": "one", "ns/d": "two" });
    expect(follower.entries.get("ns/c")).toBe(kept);
    expect(store.calls.filter((call) => call.includes("/configs/"))).toHaveLength(2);
    await follower.refresh();
    expect(changes).toHaveLength(2);
  });

  test("a listener that looks at the source finds the state that it is told of", async () => {
    const store = createMemoryStore();
    const { follower } = follow(apart(store));
    await follower.start();
    const seen: unknown[] = [];
    follower.subscribe(() => seen.push(realms(follower)));
    await publish(store, publication({ "ns/a": "one" }));
    await follower.refresh();
    expect(seen).toEqual([{ "ns/a": "one" }]);
  });

  test("a move of the index that changes no config says nothing", async () => {
    const store = createMemoryStore();
    await publish(store, publication({ "ns/a": "one" }));
    const { follower, changes } = follow(apart(store));
    await follower.start();
    await publish(store, publication({ "ns/a": "one" }, { clusterUid: "uid" }));
    await follower.refresh();
    expect(changes).toHaveLength(1);
  });

  test("node addresses, with the names of those that changed", async () => {
    const store = createMemoryStore();
    await publishNodes(store, "c", new Map([["a", "192.0.2.1"], ["b", "192.0.2.2"], ["c", "192.0.2.3"]]));
    const { follower, changes } = follow(apart(store));
    await follower.start();
    expect(follower.nodeAddress("a")).toBe("192.0.2.1");
    await publishNodes(store, "c", new Map([["a", "192.0.2.1"], ["b", "192.0.2.9"], ["d", "192.0.2.4"]]));
    await publish(store, publication({ "ns/a": "one" }));
    await follower.refresh();
    expect(summary(changes[1])).toEqual({ changed: ["ns/a"], deleted: [], nodes: ["b", "c", "d"] });
    expect(follower.nodeAddress("c")).toBeUndefined();
    expect(follower.nodeAddress("__proto__")).toBeUndefined();
    await store.delete(NODES);
    await follower.refresh();
    expect(follower.nodeAddress("d")).toBe("192.0.2.4");
  });

  test("a listener that fails harms no other and is reported; one that left hears nothing", async () => {
    const store = createMemoryStore();
    const { follower, errors } = follow(apart(store));
    const heard: string[] = [];
    follower.subscribe(() => {
      throw new Error("mine");
    });
    const leave = follower.subscribe(() => void heard.push("left"));
    follower.subscribe(() => void heard.push("stayed"));
    leave();
    await publish(store, publication({ "ns/a": "one" }));
    await follower.start();
    expect(heard).toEqual(["stayed"]);
    expect(errors).toEqual([new Error("mine")]);
  });
});
