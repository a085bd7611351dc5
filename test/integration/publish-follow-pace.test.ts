import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { followIndex } from "../../shared/cds/follow.ts";
import { publish, publishNodes } from "../../shared/cds/publish.ts";
import { StoreUnavailable } from "../../shared/store/errors.ts";
import { createFileStore } from "../../shared/store/file.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { apart, follow, INDEX, realms, summary } from "./publish-follow-support.ts";
import { publication, recording } from "./publish-support.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "follow-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

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
    await follower.start();
    await publish(store, publication({ "ns/a": "one" }));
    const began = performance.now();
    await new Promise<void>((resolve) => void follower.subscribe(() => resolve()));
    expect(performance.now() - began).toBeGreaterThan(300);
    expect(performance.now() - began).toBeLessThan(3_000);
    follower.stop();
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
