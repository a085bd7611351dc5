import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InvalidKey, PreconditionFailed } from "../../shared/store/errors.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { countUp } from "./store-count.ts";

/** What a driver's test gives the contract: an empty store, and how to be rid of it. */
export interface StoreUnderTest {
  readonly store: ObjectStore;
  /** Another instance on the same objects, as another process would have it; absent where there is no such thing. */
  readonly another?: ObjectStore;
  readonly close: () => Promise<void>;
}

/** What every driver of the object store does (DESIGN.md 4.2); each driver's test calls it. */
export function storeContract(driver: string, open: () => Promise<StoreUnderTest>): void {
  describe(`object store ${driver}`, () => {
    let store: ObjectStore;
    let another: ObjectStore;
    let close: () => Promise<void>;
    beforeEach(async () => {
      const opened = await open();
      ({ store, close } = opened);
      another = opened.another ?? store;
    });
    afterEach(() => close());

    readsAndWrites(() => store);
    conditions(() => ({ store, another }));
    listing(() => store);
    keys(() => store);
    changes(() => store);
  });
}

function readsAndWrites(get: () => ObjectStore): void {
  test("what is not there is absent", async () => {
    await expect(get().get("a/b")).resolves.toEqual({ status: "absent" });
  });

  test("a body comes back byte for byte, with the tag that put returned", async () => {
    const body = Uint8Array.from({ length: 256 }, (_, index) => index);
    const { etag } = await get().put("a/b.json", body);
    await expect(found(get(), "a/b.json")).resolves.toEqual({ bytes: [...body], etag });
  });

  test("an empty body is an object", async () => {
    const { etag } = await get().put("empty", new Uint8Array());
    await expect(found(get(), "empty")).resolves.toEqual({ bytes: [], etag });
  });

  test("a put without a condition replaces; another content has another tag", async () => {
    const first = await get().put("a", text("one"));
    const second = await get().put("a", text("two"));
    expect(second.etag).not.toBe(first.etag);
    await expect(read(get(), "a")).resolves.toBe("two");
  });

  test("get with the present tag is not-modified, with another it is found", async () => {
    const first = await get().put("a", text("one"));
    await expect(get().get("a", { ifNoneMatch: first.etag })).resolves.toEqual({ status: "not-modified" });
    const second = await get().put("a", text("two"));
    await expect(get().get("a", { ifNoneMatch: first.etag })).resolves.toMatchObject({ status: "found", etag: second.etag });
    await expect(get().get("gone", { ifNoneMatch: first.etag })).resolves.toEqual({ status: "absent" });
  });

  test("a body of 8 MB", async () => {
    const body = randomBytes(8 * 1024 * 1024);
    await get().put("big", body);
    const result = await get().get("big");
    expect(result.status === "found" && body.equals(result.body)).toBe(true);
  });

  test("what the caller does with a body afterwards changes no object", async () => {
    const body = text("one");
    await get().put("a", body);
    body.fill(0);
    const result = await get().get("a");
    if (result.status === "found") result.body.fill(1);
    await expect(read(get(), "a")).resolves.toBe("one");
  });

  test("readers of an object that is written all the time see whole bodies with their own tags", async () => {
    const etags = new Map<string, string>();
    const put = async (letter: string): Promise<void> => {
      const body = letter.repeat(100_000);
      etags.set((await get().put("a", text(body))).etag, letter);
    };
    await put("a");
    const written = new AbortController();
    const seen: { etag: string; body: string }[] = [];
    const reader = async (): Promise<void> => {
      while (!written.signal.aborted) {
        const result = await get().get("a");
        if (result.status === "found") seen.push({ etag: result.etag, body: Buffer.from(result.body).toString() });
      }
    };
    const readers = Promise.all([reader(), reader()]);
    for (const letter of "bcdefghijklmnop") await put(letter);
    written.abort();
    await readers;
    expect(seen.length).toBeGreaterThan(0);
    for (const { etag, body } of seen) expect(body === etags.get(etag)?.repeat(100_000)).toBe(true);
  });

  test("deleting makes absent; deleting what is absent is no error", async () => {
    await get().put("a/b/c", text("one"));
    await get().delete("a/b/c");
    await expect(get().get("a/b/c")).resolves.toEqual({ status: "absent" });
    await expect(get().list("")).resolves.toEqual([]);
    await expect(get().delete("a/b/c")).resolves.toBeUndefined();
    await expect(get().delete("x/y")).resolves.toBeUndefined();
  });

  test("a key lives on after its neighbours in the same directory are deleted", async () => {
    await get().put("a/b/c", text("one"));
    await get().put("a/b/d", text("two"));
    await get().delete("a/b/c");
    await expect(read(get(), "a/b/d")).resolves.toBe("two");
    await get().delete("a/b/d");
    await get().put("a/b/e", text("three"));
    await expect(read(get(), "a/b/e")).resolves.toBe("three");
  });
}

function conditions(get: () => { store: ObjectStore; another: ObjectStore }): void {
  test("create only: the second loses and changes nothing", async () => {
    const { store } = get();
    await store.put("a", text("one"), { ifNoneMatch: "*" });
    await expect(store.put("a", text("two"), { ifNoneMatch: "*" })).rejects.toBeInstanceOf(PreconditionFailed);
    await expect(read(store, "a")).resolves.toBe("one");
  });

  test("replace only what was read", async () => {
    const { store } = get();
    const first = await store.put("a", text("one"));
    const second = await store.put("a", text("two"), { ifMatch: first.etag });
    await expect(store.put("a", text("three"), { ifMatch: first.etag })).rejects.toBeInstanceOf(PreconditionFailed);
    await expect(found(store, "a")).resolves.toEqual({ bytes: [...text("two")], etag: second.etag });
  });

  test("replacing or deleting a version of what is absent fails and creates nothing", async () => {
    const { store } = get();
    const { etag } = await store.put("a", text("one"));
    await store.delete("a");
    await expect(store.put("a", text("two"), { ifMatch: etag })).rejects.toBeInstanceOf(PreconditionFailed);
    await expect(store.delete("a", { ifMatch: etag })).rejects.toBeInstanceOf(PreconditionFailed);
    await expect(store.list("")).resolves.toEqual([]);
  });

  test("delete only what was read", async () => {
    const { store } = get();
    const first = await store.put("a", text("one"));
    const second = await store.put("a", text("two"));
    await expect(store.delete("a", { ifMatch: first.etag })).rejects.toBeInstanceOf(PreconditionFailed);
    await expect(read(store, "a")).resolves.toBe("two");
    await store.delete("a", { ifMatch: second.etag });
    await expect(store.get("a")).resolves.toEqual({ status: "absent" });
  });

  test("a lost race is a typed error with a code", async () => {
    const { store } = get();
    await store.put("a", text("one"));
    await expect(store.put("a", text("two"), { ifNoneMatch: "*" })).rejects.toMatchObject({
      name: "PreconditionFailed",
      code: "precondition-failed",
      retryable: false,
      message: expect.stringContaining("a: "),
    });
  });

  test("of 50 that create one object exactly one wins", async () => {
    const { store, another } = get();
    const results = await Promise.allSettled(
      range(50).map((index) => (index % 2 === 0 ? store : another).put("a", text(String(index)), { ifNoneMatch: "*" })),
    );
    const winners = range(50).filter((index) => results[index]?.status === "fulfilled");
    expect(winners).toHaveLength(1);
    await expect(read(store, "a")).resolves.toBe(String(winners[0]));
  });

  test("50 writers that count up with ifMatch lose no update", async () => {
    const { store, another } = get();
    await store.put("counter", text("0"));
    await Promise.all(range(50).map((index) => countUp(index % 2 === 0 ? store : another, "counter", 4)));
    await expect(read(store, "counter")).resolves.toBe("200");
  });

  test("of deletes and writes that ask for the same version one wins", async () => {
    const { store, another } = get();
    const { etag } = await store.put("a", text("one"));
    const results = await Promise.allSettled([
      ...range(10).map((index) => another.put("a", text(`new ${index}`), { ifMatch: etag })),
      ...range(10).map(() => store.delete("a", { ifMatch: etag })),
    ]);
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
  });
}

function listing(get: () => ObjectStore): void {
  test("all keys that start with the prefix, ascending by character code, with tag, size and time", async () => {
    const began = Date.now() - 2_000;
    const keysWritten = ["a/b/1", "a/b/10", "a/b/2", "a/b-c/1", "a/bb", "B/1", "a.b", "b"];
    const etags = new Map<string, string>();
    for (const key of keysWritten) etags.set(key, (await get().put(key, text(key))).etag);
    await expect(names(get(), "")).resolves.toEqual(["B/1", "a.b", "a/b-c/1", "a/b/1", "a/b/10", "a/b/2", "a/bb", "b"]);
    await expect(names(get(), "a/b")).resolves.toEqual(["a/b-c/1", "a/b/1", "a/b/10", "a/b/2", "a/bb"]);
    await expect(names(get(), "a/b/")).resolves.toEqual(["a/b/1", "a/b/10", "a/b/2"]);
    await expect(names(get(), "a/b/1")).resolves.toEqual(["a/b/1", "a/b/10"]);
    await expect(names(get(), "a/x/")).resolves.toEqual([]);
    await expect(names(get(), "c")).resolves.toEqual([]);
    for (const object of await get().list("")) {
      expect(object).toMatchObject({ etag: etags.get(object.key), size: object.key.length });
      expect(object.modified).toBeGreaterThan(began);
      expect(object.modified).toBeLessThan(Date.now() + 2_000);
      expect(Number.isInteger(object.modified)).toBe(true);
    }
  });

  test("writing the same again makes an object young", async () => {
    await get().put("a", text("one"));
    const [before] = await get().list("a");
    while (Date.now() - (before?.modified ?? Infinity) < 20) await new Promise(setImmediate);
    await get().put("a", text("one"));
    const [after] = await get().list("a");
    expect(after?.modified).toBeGreaterThan(before?.modified ?? Infinity);
  });

  test("objects that come and go meanwhile do not disturb a listing", async () => {
    await Promise.all(range(20).map((index) => get().put(`stay/${index}`, text("x"))));
    const written = new AbortController();
    const churn = (async () => {
      for (let index = 0; !written.signal.aborted; index += 1) {
        await get().put(`stay/come-${index % 3}`, text("y"));
        await get().delete(`stay/come-${index % 3}`);
      }
    })();
    for (let round = 0; round < 20; round += 1) {
      const keysSeen = (await get().list("stay/")).map(({ key }) => key);
      expect(keysSeen.filter((key) => !key.includes("come"))).toHaveLength(20);
    }
    written.abort();
    await churn;
  });
}

function keys(get: () => ObjectStore): void {
  const bad = ["", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a b", "a\\b", "a%2fb", "ä", "a\0b", "#tmp/a", "~a",
    "x".repeat(256), "x/".repeat(512) + "y"];
  test.each(bad)("the key %j is refused everywhere", async (key) => {
    await expect(get().get(key)).rejects.toBeInstanceOf(InvalidKey);
    await expect(get().put(key, text("x"))).rejects.toBeInstanceOf(InvalidKey);
    await expect(get().delete(key)).rejects.toBeInstanceOf(InvalidKey);
  });

  test.each(["/", "../", "a//", "a b", "a/./", "#tmp/"])("the prefix %j is refused", async (prefix) => {
    await expect(get().list(prefix)).rejects.toMatchObject({ code: "invalid-key", retryable: false });
  });

  test.each(["a", "A-1_b.c", "...", ".a", "-", "x".repeat(255), `${"x/".repeat(511)}yz`])("the key %j is accepted", async (key) => {
    await get().put(key, text("x"));
    await expect(read(get(), key)).resolves.toBe("x");
    await expect(get().list("")).resolves.toMatchObject([{ key }]);
  });
}

function changes(get: () => ObjectStore): void {
  test("onChange, where present, tells every write and delete of this instance and no other", async () => {
    const store = get();
    if (store.onChange === undefined) return;
    const told: string[] = [];
    const stop = store.onChange((key) => void told.push(key));
    const { etag } = await store.put("a", text("one"));
    await store.put("b", text("one"));
    await store.put("a", text("two"), { ifNoneMatch: "*" }).catch(() => undefined);
    await store.put("a", text("two"), { ifMatch: etag });
    await store.delete("b");
    await store.delete("absent");
    await new Promise(setImmediate);
    expect(told).toEqual(["a", "b", "a", "b"]);
    stop();
    await store.put("c", text("one"));
    await new Promise(setImmediate);
    expect(told).toEqual(["a", "b", "a", "b"]);
  });
}

async function names(store: ObjectStore, prefix: string): Promise<string[]> {
  return (await store.list(prefix)).map(({ key }) => key);
}

async function found(store: ObjectStore, key: string): Promise<{ bytes: number[]; etag: string }> {
  const result = await store.get(key);
  if (result.status !== "found") throw new Error(`${key} is ${result.status}`);
  return { bytes: [...result.body], etag: result.etag };
}

async function read(store: ObjectStore, key: string): Promise<string> {
  return Buffer.from((await found(store, key)).bytes).toString();
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
