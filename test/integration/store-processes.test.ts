import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoreLocked } from "../../shared/store/errors.ts";
import { createFileStore } from "../../shared/store/file.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "store-processes-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function start(script: string, ...args: string[]): ChildProcess {
  const path = join(import.meta.dirname, script);
  return spawn(process.execPath, [path, directory, ...args], { stdio: ["ignore", "pipe", "inherit"] });
}

async function linesOf(child: ChildProcess, onLine: (count: number) => void = () => undefined): Promise<number> {
  if (child.stdout === null) throw new Error("no output");
  let count = 0;
  for await (const _ of createInterface(child.stdout)) {
    count += 1;
    onLine(count);
  }
  return count;
}

async function text(key: string): Promise<string> {
  const result = await createFileStore(directory).get(key);
  return result.status === "found" ? Buffer.from(result.body).toString() : result.status;
}

test("writers in four processes lose no update, though a fifth is killed again and again", async () => {
  const store = createFileStore(directory);
  await store.put("counter", Buffer.from("0"));
  const steady = Array.from({ length: 4 }, () => start("store-count-child.ts", "counter", "40"));
  const steadyEnds = steady.map((child) => once(child, "exit"));
  const steadyLines = steady.map((child) => linesOf(child));
  let reported = 0;
  const kills = 4;
  for (let kill = 0; kill < kills; kill += 1) {
    const victim = start("store-count-child.ts", "counter", "1000");
    reported += await linesOf(victim, (count) => {
      if (count === 3 + kill) victim.kill("SIGKILL");
    });
  }
  for (const [code] of await Promise.all(steadyEnds)) expect(code).toBe(0);
  await expect(Promise.all(steadyLines)).resolves.toEqual([40, 40, 40, 40]);
  const counted = Number(await text("counter"));
  // A victim may have stored one more than it could report.
  expect(counted).toBeGreaterThanOrEqual(160 + reported);
  expect(counted).toBeLessThanOrEqual(160 + reported + kills);

  await createFileStore(directory).put("counter", Buffer.from("0"));
  await expect(readdir(join(directory, "#tmp"))).resolves.toEqual([]);
  await expect(readdir(join(directory, "#locks"))).resolves.toEqual([]);
});

test("a process that stands still keeps its lock; others wait, and say for what when they give up", async () => {
  const store = createFileStore(directory, { lockTimes: { patience: 100, abandoned: 10 } });
  await store.put("a", Buffer.from("before"));
  const child = start("store-stop-child.ts", "a", "from the child");
  const ended = once(child, "exit");
  if (child.stdout === null) throw new Error("no output");
  await once(child.stdout, "data");
  const refused = await store.put("a", Buffer.from("mine")).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(StoreLocked);
  expect(refused).toMatchObject({ retryable: true, code: "store-locked", message: expect.stringContaining("#locks") });
  await expect(text("a")).resolves.toBe("before");
  await expect(store.put("b", Buffer.from("other keys are free"))).resolves.toBeDefined();
  child.kill("SIGCONT");
  await ended;
  await expect(text("a")).resolves.toBe("from the child");
  await expect(store.put("a", Buffer.from("mine"))).resolves.toBeDefined();
});

test("a process that is killed while it holds the lock blocks nobody", async () => {
  const store = createFileStore(directory);
  await store.put("a", Buffer.from("before"));
  const child = start("store-stop-child.ts", "a", "never seen");
  const ended = once(child, "exit");
  if (child.stdout === null) throw new Error("no output");
  await once(child.stdout, "data");
  await expect(readdir(join(directory, "#locks"))).resolves.toHaveLength(1);
  child.kill("SIGKILL");
  await ended;
  const began = performance.now();
  await store.put("a", Buffer.from("after"));
  expect(performance.now() - began).toBeLessThan(2_000);
  await expect(text("a")).resolves.toBe("after");
  await expect(readdir(join(directory, "#locks"))).resolves.toEqual([]);
  // The temporary file goes when the next instance writes for the first time.
  await createFileStore(directory).put("b", Buffer.from("x"));
  await expect(readdir(join(directory, "#tmp"))).resolves.toEqual([]);
  await expect(store.list("")).resolves.toMatchObject([{ key: "a" }, { key: "b" }]);
});

test("leftovers, locks and things that no key names are not listed", async () => {
  const store = createFileStore(directory);
  await store.put("a/b", Buffer.from("x"));
  await mkdir(join(directory, "lost+found"));
  await writeFile(join(directory, "lost+found", "c"), "x");
  await writeFile(join(directory, "a", "~backup"), "x");
  await writeFile(join(directory, "#tmp", "old"), "x");
  await expect(store.list("")).resolves.toMatchObject([{ key: "a/b" }]);
});
