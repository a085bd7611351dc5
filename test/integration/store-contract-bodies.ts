import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { found, read, text } from "./store-bodies.ts";

export function readsAndWrites(get: () => ObjectStore): void {
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
