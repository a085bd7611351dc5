import { expect, test } from "vitest";
import { InvalidKey } from "../../shared/store/errors.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { names, range, read, text } from "./store-bodies.ts";

export function listing(get: () => ObjectStore, timeStep: number): void {
  test("all keys that start with the prefix, ascending by character code, with tag, size and time", async () => {
    const began = Date.now() - 2_000 - timeStep;
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
    while (Date.now() - (before?.modified ?? Infinity) < timeStep + 20) await new Promise(setImmediate);
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

export function keys(get: () => ObjectStore): void {
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
