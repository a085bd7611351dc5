import { hash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoreLocked } from "../../shared/store/errors.ts";
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

function claimOf(key: string, machine: string): string {
  return `${hash("sha256", key, "hex").slice(0, 32)}.000000001.${machine}-1-1.0123456789ab`;
}

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
