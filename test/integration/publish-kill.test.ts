import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { hash } from "node:crypto";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { followIndex } from "../../shared/cds/follow.ts";
import { publish } from "../../shared/cds/publish.ts";
import type { ConfigSource } from "../../shared/cds/source.ts";
import { createFileStore } from "../../shared/store/file.ts";
import { inParallel } from "../../shared/store/parallel.ts";
import { publicationOf, stateOf } from "./publish-states.ts";

/** Processes at a time. */
const WIDTH = 3;
const RANDOM_KILLS = 60;
const TIMEOUT = 170_000;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "publish-kill-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

function start(directory: string, ...args: number[]): ChildProcess {
  const script = join(import.meta.dirname, "publish-kill-child.ts");
  return spawn(process.execPath, [script, directory, ...args.map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, "compile-cache") },
  });
}

async function outputOf(child: ChildProcess): Promise<string[]> {
  if (child.stdout === null) throw new Error("no output");
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) lines.push(line);
  return lines;
}

function realms(source: ConfigSource): Record<string, string> {
  return Object.fromEntries([...source.entries.values()].map(({ id, text }) => [id, JSON.parse(text.toString()).auth.realm]));
}

/** What a CDS server that starts now would serve. Fails when it could not serve at once, or not a whole state. */
async function servedTurn(directory: string): Promise<number> {
  const errors: unknown[] = [];
  const follower = followIndex(createFileStore(directory), "c", { onError: (error) => void errors.push(error) });
  await follower.refresh();
  follower.stop();
  expect(errors).toEqual([]);
  expect(follower.ready).toBe(true);
  for (const { digest, text } of follower.entries.values()) expect(hash("sha256", text, "hex")).toBe(digest);
  const turn = Number(realms(follower)["ns/changing"]?.replace("state-", ""));
  expect(realms(follower)).toEqual(stateOf(turn));
  return turn;
}

/** Everything that the index names, read without our own code. */
async function expectWhole(directory: string): Promise<void> {
  const index = JSON.parse(await readFile(join(directory, "clusters/c/index.json"), "utf8")) as {
    configs: Record<string, { digest: string; size: number }>;
  };
  for (const [id, { digest, size }] of Object.entries(index.configs)) {
    const body = await readFile(join(directory, `clusters/c/configs/${id}/${digest}.json`));
    expect(hash("sha256", body.subarray(0, size), "hex")).toBe(digest);
    expect(JSON.parse(body.toString()).admin.name).toBe(id);
  }
}

/** The next publication works at once, whatever the killed one left, and clears it away. */
async function expectNextPublication(directory: string, turn: number): Promise<void> {
  const store = createFileStore(directory);
  const began = performance.now();
  await expect(publish(store, publicationOf(turn))).resolves.toMatchObject({ moved: true });
  expect(performance.now() - began).toBeLessThan(5_000);
  await expect(servedTurn(directory)).resolves.toBe(turn);
  await expect(readdir(join(directory, "#tmp"))).resolves.toEqual([]);
  await expect(readdir(join(directory, "#locks"))).resolves.toEqual([]);
  const keys = (await store.list("")).map(({ key }) => key);
  expect(keys.filter((key) => !/^clusters\/c\/(index\.json$|configs\/[a-z0-9-]+\/[a-z0-9-]+\/[0-9a-f]{64}\.json$)/.test(key))).toEqual([]);
}

test("killed after every single change of the disk, a publication or collection leaves the old or the new state", async () => {
  const template = join(root, "template");
  await publish(createFileStore(template), publicationOf(1));
  // Runs undisturbed: to count the steps, and to fill the compile cache, without which this would take three times as long.
  const undisturbed = join(root, "undisturbed");
  await cp(template, undisturbed, { recursive: true });
  const steps = Number((await outputOf(start(undisturbed, 2, 3))).at(-1));
  await expect(servedTurn(undisturbed)).resolves.toBe(3);

  const outcomes = new Map<number, number>();
  const places = new Set<string>();
  let kills = 0;
  await inParallel(Array.from({ length: steps }, (_, index) => index + 1), WIDTH, async (step) => {
    const directory = join(root, `step-${step}`);
    await cp(template, directory, { recursive: true });
    const child = start(directory, 2, 3, step);
    const [lines, [, signal]] = await Promise.all([outputOf(child), once(child, "exit")]);
    kills += signal === "SIGKILL" ? 1 : 0;
    places.add(lines.at(-1) ?? "");
    await expectWhole(directory);
    const turn = await servedTurn(directory);
    outcomes.set(turn, (outcomes.get(turn) ?? 0) + 1);
    await expectNextPublication(directory, 4);
    await rm(directory, { recursive: true });
  });

  // The order of parallel writes varies, and with it, by a few, their number.
  expect(kills).toBeGreaterThan(steps - 5);
  expect(kills + RANDOM_KILLS).toBeGreaterThanOrEqual(200);
  expect([...outcomes.keys()].sort()).toEqual([1, 2, 3]);
  // Among the places are the ones that matter.
  const placeList = [...places].join("\n");
  for (const place of [/^amid writeFile \/#tmp/m, /^after writeFile \/#tmp/m, /^after rename \/#tmp/m, /^after open \/#locks/m,
    /^after unlink \/#locks/m, /^after unlink \/clusters\/c\/configs/m, /^after mkdir/m, /^after rmdir/m]) {
    expect(placeList).toMatch(place);
  }
}, TIMEOUT);

test("killed at any time, again and again in one directory, while a server follows, only whole states are seen", async () => {
  const directory = join(root, "random");
  await publish(createFileStore(directory), publicationOf(0));
  const seen: Record<string, string>[] = [];
  const errors: unknown[] = [];
  const server = followIndex(createFileStore(directory), "c", { pollMs: 3, onError: (error) => void errors.push(error) });
  server.subscribe(() => void seen.push(realms(server)));
  await server.start();

  let turn = 0;
  let interrupted = 0;
  for (let kill = 0; kill < RANDOM_KILLS; kill += 1) {
    const child = start(directory, turn + 1, turn + 1_000_000);
    const ended = once(child, "exit");
    if (child.stdout === null) throw new Error("no output");
    await once(child.stdout, "data");
    await wait(Math.random() * 30);
    child.kill("SIGKILL");
    await ended;
    interrupted += (await readdir(join(directory, "#tmp"))).length + (await readdir(join(directory, "#locks"))).length > 0 ? 1 : 0;
    await expectWhole(directory);
    const served = await servedTurn(directory);
    expect(served).toBeGreaterThanOrEqual(turn);
    turn = served + 1;
    await expectNextPublication(directory, turn);
  }

  await server.refresh();
  server.stop();
  const turns = seen.map((state) => Number(state["ns/changing"]?.replace("state-", "")));
  expect(turns).toEqual([...turns].sort((a, b) => a - b));
  for (const [at, state] of seen.entries()) expect(state).toEqual(stateOf(turns[at] ?? -1));
  expect(turns.at(-1)).toBe(turn);
  // Most kills met a write that was under way.
  expect(interrupted).toBeGreaterThan(RANDOM_KILLS / 10);
}, TIMEOUT);
