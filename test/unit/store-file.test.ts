import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoreLocked, StoreUnavailable } from "../../shared/store/errors.ts";
import { formatIdentity, ownIdentity } from "../../shared/store/file-process.ts";
import { createFileStore } from "../../shared/store/file.ts";
import { systemError, tracedFileSystem } from "../integration/store-traced-fs.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "store-file-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const one = Buffer.from("one");
const two = Buffer.from("two");

/** A store of which the first step that begins like this fails. */
function failingAt(step: string, error: Error): ReturnType<typeof createFileStore> {
  let failed = false;
  const fs = tracedFileSystem((at) => {
    if (failed || !at.startsWith(step)) return;
    failed = true;
    throw error;
  });
  return createFileStore(directory, { fs });
}

function claimOf(key: string, machine: string): string {
  return `${hash("sha256", key, "hex").slice(0, 32)}.000000001.${machine}-1-1.0123456789ab`;
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

test("a claim of a process that cannot be seen from here is respected while it is young, and then taken over", async () => {
  await mkdir(join(directory, "#locks"));
  const claim = join(directory, "#locks", claimOf("a", "00000000aaaa"));
  await writeFile(claim, "");
  const store = createFileStore(directory, { lockTimes: { patience: 10_000, abandoned: 200 } });
  const began = performance.now();
  await store.put("a", one);
  expect(performance.now() - began).toBeGreaterThan(100);
  await expect(readdir(join(directory, "#locks"))).resolves.toEqual([]);
});

test("a claim that names no process counts by its age", async () => {
  await mkdir(join(directory, "#locks"));
  const claim = join(directory, "#locks", `${hash("sha256", "a", "hex").slice(0, 32)}.000000001`);
  await writeFile(claim, "");
  await utimes(claim, 1, 1);
  await createFileStore(directory).put("a", one);
  await expect(readdir(join(directory, "#locks"))).resolves.toEqual([]);
});

test("a claim of a living process outlasts the patience of others", async () => {
  await mkdir(join(directory, "#locks"));
  const claim = claimOf("a", "x").replace("x-1-1", formatIdentity(ownIdentity()));
  await writeFile(join(directory, "#locks", claim), "");
  const store = createFileStore(directory, { lockTimes: { patience: 30, abandoned: 10 } });
  const failure = await store.put("a", one).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StoreLocked);
  expect((failure as Error).message).toContain(claim);
  await expect(readdir(join(directory, "#locks"))).resolves.toEqual([claim]);
  await expect(readdir(join(directory, "#tmp"))).resolves.toEqual([]);
});

test("the younger of two claims gives way, the older stays", async () => {
  await mkdir(join(directory, "#locks"));
  const young = claimOf("a", "x").replace("000000001.x-1-1", `zzzzzzzzz.${formatIdentity(ownIdentity())}`);
  await writeFile(join(directory, "#locks", young), "");
  const stood: string[][] = [];
  const fs = tracedFileSystem(async (step) => {
    if (!step.startsWith("before readdir") || !step.endsWith("#locks")) return;
    stood.push(await readdir(join(directory, "#locks")));
    if (stood.length === 4) await rm(join(directory, "#locks", young));
  });
  await createFileStore(directory, { fs }).put("a", one);
  // The first look is that for leftovers.
  expect(stood.slice(1).map((names) => names.length)).toEqual([2, 2, 2]);
});

test("who lost its lock while it stood still changes nothing", async () => {
  const store = createFileStore(directory);
  await store.put("a", one);
  const fs = tracedFileSystem(async (step) => {
    if (step.startsWith("after readdir") && step.endsWith("#locks")) await rm(join(directory, "#locks"), { recursive: true });
  });
  await expect(createFileStore(directory, { fs }).put("a", two)).rejects.toMatchObject({
    code: "store-locked",
    retryable: true,
    message: expect.stringContaining("stood still"),
  });
  await expect(store.get("a")).resolves.toMatchObject({ body: one });
});

test("a claim that could not be removed does not block its own process", async () => {
  const store = failingAt(`before unlink ${join(directory, "#locks")}`, systemError("EIO", -5));
  await expect(store.put("a", one)).rejects.toThrow(/EIO/);
  await expect(readdir(join(directory, "#locks"))).resolves.toHaveLength(1);
  await store.put("a", two);
  await expect(readdir(join(directory, "#locks"))).resolves.toEqual([]);
});

test("a claim directory that cannot be made is an error", async () => {
  const failure = failingAt(`before open ${join(directory, "#locks")}`, systemError("EMFILE", -24)).put("a", one);
  await expect(failure).rejects.toMatchObject({ retryable: true });
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
