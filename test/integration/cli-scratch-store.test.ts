import { describe, expect, it } from "vitest";
import { createScratchStore } from "../../functions/local/scratch-store.ts";
import { PreconditionFailed } from "../../shared/store/errors.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

async function textOf(found: ReturnType<ReturnType<typeof createMemoryStore>["get"]>): Promise<string> {
  const read = await found;
  return read.status === "found" ? Buffer.from(read.body).toString() : read.status;
}

describe("a scratch store", () => {
  it("reads through, keeps its own writes and deletes, and leaves the other as it was", async () => {
    const real = createMemoryStore();
    for (const key of ["a/1", "a/2", "b/1"]) await real.put(key, bytes("old"));
    const scratch = createScratchStore(real);
    await scratch.put("a/1", bytes("new"));
    await scratch.put("a/3", bytes("new"));
    await scratch.delete("a/2");
    expect(await Promise.all(["a/1", "a/2", "a/3", "b/1"].map((key) => textOf(scratch.get(key))))).toEqual(["new", "absent", "new", "old"]);
    expect((await scratch.list("a/")).map(({ key }) => key)).toEqual(["a/1", "a/3"]);
    expect((await real.list("")).map(({ key }) => key)).toEqual(["a/1", "a/2", "b/1"]);
    expect(await textOf(real.get("a/1"))).toBe("old");
  });

  it("judges conditions by what it would hold", async () => {
    const real = createMemoryStore();
    const { etag } = await real.put("k", bytes("old"));
    const scratch = createScratchStore(real);
    await expect(scratch.put("k", bytes("x"), { ifNoneMatch: "*" })).rejects.toThrow(PreconditionFailed);
    const own = await scratch.put("k", bytes("new"), { ifMatch: etag });
    await expect(scratch.put("k", bytes("x"), { ifMatch: etag })).rejects.toThrow(PreconditionFailed);
    expect(await scratch.get("k", { ifNoneMatch: own.etag })).toEqual({ status: "not-modified" });
    await scratch.delete("k", { ifMatch: own.etag });
    await scratch.put("k", bytes("again"), { ifNoneMatch: "*" });
  });
});
