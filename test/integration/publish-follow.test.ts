import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { followIndex } from "../../shared/cds/follow.ts";
import type { Follower } from "../../shared/cds/follow.ts";
import { publish, publishNodes } from "../../shared/cds/publish.ts";
import { CorruptIndex, CorruptNodes, DamagedConfigs, IndexGone, OlderIndex } from "../../shared/cds/publish-errors.ts";
import type { ConfigSource, SourceChange } from "../../shared/cds/source.ts";
import { StoreUnavailable } from "../../shared/store/errors.ts";
import { createFileStore } from "../../shared/store/file.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { publication, recording } from "./publish-support.ts";

const INDEX = "clusters/c/index.json";
const NODES = "clusters/c/nodes.json";
/** Looks only when it is told to. */
const NEVER = 1_000_000;

interface Followed {
  readonly follower: Follower;
  readonly changes: SourceChange[];
  readonly errors: unknown[];
  /** The next change. */
  next(): Promise<SourceChange>;
}

const open: Follower[] = [];
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "follow-"));
});
afterEach(async () => {
  for (const follower of open.splice(0)) follower.stop();
  await rm(directory, { recursive: true, force: true });
});

function follow(store: ObjectStore, pollMs = NEVER): Followed {
  const changes: SourceChange[] = [];
  const errors: unknown[] = [];
  const follower = followIndex(store, "c", { pollMs, onError: (error) => void errors.push(error) });
  open.push(follower);
  let waiting: ((change: SourceChange) => void) | undefined;
  follower.subscribe((change) => {
    changes.push(change);
    waiting?.(change);
  });
  const next = (): Promise<SourceChange> =>
    new Promise((resolve) => {
      waiting = resolve;
    });
  return { follower, changes, errors, next };
}

/** Another instance on the same objects: its writes do not tell the follower. */
function apart(store: ObjectStore): ObjectStore {
  const { get, put, delete: remove, list } = store;
  return { get, put, delete: remove, list };
}

function realms(source: ConfigSource): Record<string, string> {
  const texts = [...source.entries.values()].map(({ id, text }) => [id, JSON.parse(text.toString()).auth.realm]);
  return Object.fromEntries(texts);
}

function summary(change: SourceChange | undefined): unknown {
  return change && { changed: change.changed.map(({ id }) => id), deleted: change.deleted, nodes: change.nodes };
}

function outage(what: RegExp): { store: ObjectStore; inner: ObjectStore; down: (is: boolean) => void } {
  const inner = createMemoryStore();
  let isDown = false;
  const store = recording(apart(inner), (call) => {
    if (isDown && what.test(call)) throw new StoreUnavailable("down", { retryable: true, cause: undefined });
  });
  return { store: apart(store), inner, down: (is) => void (isDown = is) };
}

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

describe("when it looks", () => {
  test("at once after a write through the same instance", async () => {
    const store = createFileStore(directory);
    const { follower, changes, next } = follow(store);
    await follower.start();
    let change = next();
    await publish(store, publication({ "ns/a": "one", "ns/b": "one" }));
    expect(summary(await change)).toEqual({ changed: ["ns/a", "ns/b"], deleted: [], nodes: [] });
    change = next();
    await publishNodes(store, "c", new Map([["n", "192.0.2.1"]]));
    expect(summary(await change)).toEqual({ changed: [], deleted: [], nodes: ["n"] });
    await store.put("clusters/c/report.json", Buffer.from("{}"));
    expect(changes).toHaveLength(2);
  });

  test("again and again, so that writes of another process are seen", async () => {
    const { follower, next } = follow(createFileStore(directory), 10);
    await follower.start();
    for (const realm of ["one", "two", "three"]) {
      const change = next();
      await publish(createFileStore(directory), publication({ "ns/a": realm }));
      expect((await change).changed).toHaveLength(1);
      expect(realms(follower)).toEqual({ "ns/a": realm });
    }
  });

  test("every half second where nothing else is said", async () => {
    const store = createMemoryStore();
    const follower = followIndex(apart(store), "c", { onError: () => undefined });
    open.push(follower);
    await follower.start();
    await publish(store, publication({ "ns/a": "one" }));
    const began = performance.now();
    await new Promise<void>((resolve) => void follower.subscribe(() => resolve()));
    expect(performance.now() - began).toBeGreaterThan(300);
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  test("less and less often while it fails, and at the usual pace afterwards", async () => {
    const store = recording(createMemoryStore());
    const looks: number[] = [];
    let down = true;
    const { promise: recovered, resolve } = Promise.withResolvers<void>();
    const failing = recording(apart(store), (call) => {
      if (call !== `get ${INDEX}`) return;
      looks.push(performance.now());
      if (looks.length === 5) down = false;
      if (looks.length === 8) resolve();
      if (down) throw new StoreUnavailable("down", { retryable: true, cause: undefined });
    });
    const { follower, errors } = follow(apart(failing), 20);
    await follower.start();
    expect(follower.ready).toBe(false);
    await recovered;
    follower.stop();
    const pauses = looks.slice(1).map((time, index) => time - (looks[index] ?? 0));
    // 40, 80, 160, 320 ms, then 20 ms; timers are never early by more than a millisecond.
    for (const [index, least] of [40, 80, 160, 320].entries()) expect(pauses[index]).toBeGreaterThan(least - 2);
    expect(Math.min(...pauses.slice(4))).toBeLessThan(160);
    expect(errors).toHaveLength(4);
    expect(follower.ready).toBe(true);
  });

  test("once for all who ask during a look, and after they asked", async () => {
    const inner = createMemoryStore();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const store = recording(apart(inner), (call) => (call === `get ${INDEX}` ? released : undefined));
    const { follower } = follow(apart(store));
    const first = follower.start();
    const others = [follower.refresh(), follower.refresh(), follower.start()];
    await publish(inner, publication({ "ns/a": "one" }));
    release();
    await Promise.all([first, ...others]);
    expect(store.calls.filter((call) => call === `get ${INDEX}`)).toHaveLength(2);
    expect(realms(follower)).toEqual({ "ns/a": "one" });
  });

  test("without start only when asked", async () => {
    const store = createMemoryStore();
    const { follower } = follow(store, 1);
    await publish(store, publication({ "ns/a": "one" }));
    await new Promise(setImmediate);
    expect(follower.ready).toBe(false);
    await follower.refresh();
    expect(realms(follower)).toEqual({ "ns/a": "one" });
  });
});

describe("stopping", () => {
  test("ends everything, also a look that is under way", async () => {
    const inner = createMemoryStore();
    await publish(inner, publication({ "ns/a": "one" }));
    const controller = new AbortController();
    const store = recording(inner, (call) => {
      if (call.includes("/configs/")) controller.abort();
    });
    const { follower, changes, errors } = follow(store, 1);
    controller.signal.addEventListener("abort", () => follower.stop());
    await follower.start();
    expect(follower.ready).toBe(false);
    await publish(inner, publication({ "ns/a": "two" }));
    await follower.refresh();
    await follower.start();
    expect(changes).toEqual([]);
    expect(errors).toEqual([]);
    expect(store.calls.filter((call) => call === `get ${INDEX}`)).toHaveLength(1);
  });

  test("by a signal, before or after the start", async () => {
    const store = createMemoryStore();
    await publish(store, publication({ "ns/a": "one" }));
    const early = followIndex(store, "c", { onError: () => undefined, signal: AbortSignal.abort() });
    await early.start();
    expect(early.ready).toBe(false);
    const controller = new AbortController();
    const late = followIndex(store, "c", { onError: () => undefined, signal: controller.signal });
    await late.start();
    expect(late.ready).toBe(true);
    controller.abort();
    await publish(store, publication({ "ns/a": "two" }));
    await late.refresh();
    expect(realms(late)).toEqual({ "ns/a": "one" });
  });
});

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
