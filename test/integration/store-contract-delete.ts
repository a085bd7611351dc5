import { expect, test } from "vitest";
import { PreconditionFailed } from "../../shared/store/errors.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { range, read, text } from "./store-bodies.ts";
import type { StoreLimits } from "./store-contract.ts";

export function deleteConditions(get: () => { store: ObjectStore; another: ObjectStore }, honoured: NonNullable<StoreLimits["deleteConditions"]>): void {
  if (honoured === "none") return;
  test("delete only what was read", async () => {
    const { store } = get();
    const first = await store.put("a", text("one"));
    const second = await store.put("a", text("two"));
    await expect(store.delete("a", { ifMatch: first.etag })).rejects.toBeInstanceOf(PreconditionFailed);
    await expect(read(store, "a")).resolves.toBe("two");
    await store.delete("a", { ifMatch: second.etag });
    await expect(store.get("a")).resolves.toEqual({ status: "absent" });
  });

  test("of deletes and writes that ask for the same version one wins", async () => {
    const { store, another } = get();
    const { etag } = await store.put("a", text("one"));
    const results = await Promise.allSettled([
      ...range(10).map((index) => another.put("a", text(`new ${index}`), { ifMatch: etag })),
      // Where a version of what is absent can be deleted, a second delete succeeds after the first.
      ...range(honoured === "all" ? 10 : 1).map(() => store.delete("a", { ifMatch: etag })),
    ]);
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
  });

  if (honoured === "present") return;
  test("deleting a version of what is absent fails", async () => {
    const { store } = get();
    const { etag } = await store.put("a", text("one"));
    await store.delete("a");
    await expect(store.delete("a", { ifMatch: etag })).rejects.toBeInstanceOf(PreconditionFailed);
  });
}
