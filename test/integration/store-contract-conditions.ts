import { expect, test } from "vitest";
import { PreconditionFailed } from "../../shared/store/errors.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { found, range, read, text } from "./store-bodies.ts";
import { countUp } from "./store-count.ts";

export function conditions(get: () => { store: ObjectStore; another: ObjectStore }): void {
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

  test("replacing a version of what is absent fails and creates nothing", async () => {
    const { store } = get();
    const { etag } = await store.put("a", text("one"));
    await store.delete("a");
    await expect(store.put("a", text("two"), { ifMatch: etag })).rejects.toBeInstanceOf(PreconditionFailed);
    await expect(store.list("")).resolves.toEqual([]);
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
}
