import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoreUnavailable } from "../../shared/store/errors.ts";
import { formatIdentity, ownIdentity } from "../../shared/store/file-process.ts";
import { createFileStore } from "../../shared/store/file.ts";
import { failingFileSystem, systemError, tracedFileSystem } from "../integration/store-traced-fs.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "store-file-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const one = Buffer.from("one");
const two = Buffer.from("two");

/** A store of which the first step that begins like this fails. */
function failingAt(step: string, error: Error): ReturnType<typeof createFileStore> {
  return createFileStore(directory, { fs: failingFileSystem(step, error) });
}

test.each([
  ["before open", "ENOSPC", -28, true],
  ["before writeFile", "ENOSPC", -28, true],
  ["amid writeFile", "EIO", -5, true],
  ["before sync", "EIO", -5, true],
  ["before rename", "EROFS", -30, false],
  ["before rename", "EDQUOT", -122, true],
  ["before open", "EACCES", -13, false],
])("a put that fails %s with %s is a typed error and leaves the old object and no temporary file", async (step, code, errno, retryable) => {
  await createFileStore(directory).put("a/b", one);
  const failure = await failingAt(step, systemError(code, errno)).put("a/b", two).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StoreUnavailable);
  expect(failure).toMatchObject({ code: "store-unavailable", retryable, cause: { code } });
  expect((failure as Error).message).toMatch(new RegExp(`^cannot write a/b in ${directory}: .+ \\(${code}\\)$`));
  await expect(createFileStore(directory).get("a/b")).resolves.toMatchObject({ body: one });
  await expect(readdir(join(directory, "#tmp"))).resolves.toEqual([]);
  await expect(readdir(join(directory, "#locks"))).resolves.toEqual([]);
});

test("what is no system error keeps its text", async () => {
  const failure = await failingAt("before rename", new Error("out of order")).put("a", one).catch((error: unknown) => error);
  expect(failure).toMatchObject({ retryable: false, message: `cannot write a in ${directory}: Error: out of order` });
});

test("read, delete and list name what failed", async () => {
  const store = createFileStore(directory);
  await store.put("a", one);
  const error = systemError("EIO", -5);
  await expect(failingAt("before readFile", error).get("a")).rejects.toThrow(`cannot read a in ${directory}`);
  await expect(failingAt("before unlink", error).delete("a")).rejects.toThrow(`cannot delete a in ${directory}`);
  await expect(failingAt("before readdir", error).list("a")).rejects.toThrow(`cannot list a in ${directory}`);
});

test("a key that is the beginning of another, or the other way round, is an error that says so", async () => {
  const store = createFileStore(directory);
  await store.put("a/b", one);
  await expect(store.put("a", one)).rejects.toThrow(/in the way/);
  await expect(store.put("a/b/c", one)).rejects.toThrow(/in the way/);
  await expect(store.get("a")).resolves.toEqual({ status: "absent" });
  await expect(store.get("a/b/c")).resolves.toEqual({ status: "absent" });
  await expect(store.delete("a")).resolves.toBeUndefined();
  await expect(store.list("a/b/")).resolves.toEqual([]);
  await expect(store.get("a/b")).resolves.toMatchObject({ body: one });
});

test("a root that is a file is an error at the first write", async () => {
  await writeFile(join(directory, "file"), "x");
  await expect(createFileStore(join(directory, "file")).put("a", one)).rejects.toThrow(/in the way/);
});

test("deleting removes the directories that become empty, and no others", async () => {
  const store = createFileStore(directory);
  await store.put("a/b/c/d", one);
  await store.put("a/e", one);
  await store.delete("a/b/c/d");
  await expect(readdir(join(directory, "a"))).resolves.toEqual(["e"]);
  await store.delete("a/e");
  await expect(readdir(directory)).resolves.toEqual(["#locks", "#tmp"]);
});

test("a directory that vanishes during a put is made again", async () => {
  let pruned = 0;
  const fs = tracedFileSystem(async (step) => {
    if (step !== `after mkdir ${join(directory, "a")}` || pruned === 3) return;
    pruned += 1;
    await rm(join(directory, "a"), { recursive: true });
  });
  await createFileStore(directory, { fs }).put("a/b", one);
  expect(pruned).toBe(3);
  await expect(createFileStore(directory).get("a/b")).resolves.toMatchObject({ body: one });
});

test("a directory that vanishes every time ends in an error", async () => {
  const fs = tracedFileSystem(async (step) => {
    if (step === `after mkdir ${join(directory, "a")}`) await rm(join(directory, "a"), { recursive: true });
  });
  await expect(createFileStore(directory, { fs }).put("a/b", one)).rejects.toThrow(/ENOENT/);
});

test("an object that is replaced and whose directory is pruned while it is synced is stored all the same", async () => {
  const store = createFileStore(directory);
  const fs = tracedFileSystem(async (step) => {
    if (step.startsWith("after rename")) await rm(join(directory, "a"), { recursive: true });
  });
  await expect(createFileStore(directory, { fs }).put("a/b", one)).resolves.toBeDefined();
  await expect(store.get("a/b")).resolves.toEqual({ status: "absent" });
});

test("of what is left over, old files of processes that cannot be seen go, young ones and foreign things stay", async () => {
  const temporary = join(directory, "#tmp");
  await mkdir(temporary);
  const names = ["0.00000000aaaa-1-1.tmp", "1.00000000aaaa-1-1.tmp", `2.${formatIdentity(ownIdentity())}.tmp`, "readme"];
  for (const name of names) await writeFile(join(temporary, name), "");
  const long = Date.now() / 1000 - 2 * 60 * 60;
  for (const name of [names[0], names[2]]) await utimes(join(temporary, name ?? ""), long, long);
  await createFileStore(directory).put("a", one);
  await expect(readdir(temporary)).resolves.toEqual(names.slice(1));
});

test("failing to clean up fails nothing", async () => {
  const temporary = join(directory, "#tmp");
  await mkdir(join(temporary, `0.${formatIdentity({ ...ownIdentity(), start: "1" })}.tmp`), { recursive: true });
  await writeFile(join(temporary, "1.00000000aaaa-1-1.tmp"), "");
  const store = failingAt("before stat", systemError("EIO", -5));
  await store.put("a", one);
  await expect(readdir(temporary)).resolves.toHaveLength(2);
});

test("objects are plain files with the permissions that the umask gives", async () => {
  await createFileStore(directory).put("a/b.json", one);
  const { mode, size } = await stat(join(directory, "a", "b.json"));
  expect(size).toBe(3);
  expect(mode & 0o777).toBe(0o666 & ~process.umask());
});
