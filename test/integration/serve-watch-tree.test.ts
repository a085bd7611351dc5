import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { watchTree } from "../../functions/local/watch-tree.ts";
import type { TreeWatch } from "../../functions/local/watch-tree.ts";

let root = "";
let tree: TreeWatch | undefined;
let changes = 0;
let waiting: (() => void)[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "watch-tree-"));
  changes = 0;
  waiting = [];
});
afterEach(async () => {
  tree?.close();
  await rm(root, { recursive: true, force: true });
});

async function start(at = root, errors: string[] = []): Promise<void> {
  tree = watchTree(
    at,
    () => {
      changes += 1;
      for (const resolve of waiting.splice(0)) resolve();
    },
    (directory) => errors.push(directory),
  );
  await tree.ready;
}

/** Resolves with the next change that comes after the action has begun. */
async function changeAfter(action: () => Promise<unknown>): Promise<void> {
  const change = new Promise<void>((resolve) => waiting.push(resolve));
  await action();
  await change;
}

/** Waits until nothing has come for a while: events of the past must not answer for those of the future. */
async function calm(): Promise<void> {
  for (let seen = -1; seen !== changes; ) {
    seen = changes;
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
}

describe("watchTree", () => {
  it("sees files written, renamed into place and removed", async () => {
    await start();
    await changeAfter(() => writeFile(join(root, "a.yaml"), "1"));
    await calm();
    await changeAfter(() => writeFile(join(root, "a.yaml"), "2"));
    await writeFile(join(root, ".b"), "");
    await calm();
    await changeAfter(() => rename(join(root, ".b"), join(root, "a.yaml")));
    await calm();
    await changeAfter(() => rm(join(root, "a.yaml")));
    expect(changes).toBeGreaterThanOrEqual(4);
  });

  it("sees what happens in nested directories, old and new", async () => {
    await mkdir(join(root, "old", "deep"), { recursive: true });
    await start();
    await changeAfter(() => writeFile(join(root, "old", "deep", "a.yaml"), "1"));
    await mkdir(join(root, "new", "deep"), { recursive: true });
    await calm();
    await changeAfter(() => writeFile(join(root, "new", "deep", "a.yaml"), "1"));
    expect(changes).toBeGreaterThanOrEqual(3);
  });

  it("follows a directory that is replaced by another of the same name", async () => {
    await mkdir(join(root, "d"));
    await start();
    await mkdir(join(root, ".next"));
    await rename(join(root, "d"), join(root, ".gone"));
    await rename(join(root, ".next"), join(root, "d"));
    await calm();
    await changeAfter(() => writeFile(join(root, "d", "a.yaml"), "1"));
    expect(changes).toBeGreaterThanOrEqual(2);
  });

  it("follows links to directories, once", async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), "watch-tree-elsewhere-"));
    await symlink(elsewhere, join(root, "link"));
    await symlink(root, join(root, "loop"));
    await start();
    await changeAfter(() => writeFile(join(elsewhere, "a.yaml"), "1"));
    await rm(elsewhere, { recursive: true });
    expect(changes).toBeGreaterThanOrEqual(1);
  });

  it("finds a root again that was gone", async () => {
    const inner = join(root, "inner");
    await mkdir(inner);
    await start(inner);
    await changeAfter(() => rm(inner, { recursive: true }));
    await calm();
    await changeAfter(() => mkdir(inner));
    await calm();
    await changeAfter(() => writeFile(join(inner, "a.yaml"), "1"));
    expect(changes).toBeGreaterThanOrEqual(3);
  });

  it("waits for a root that is not there yet", async () => {
    const inner = join(root, "inner");
    const errors: string[] = [];
    await start(inner, errors);
    await changeAfter(() => mkdir(inner));
    expect(errors).toEqual([]);
  });

  it("is silent once closed", async () => {
    await start();
    tree?.close();
    await writeFile(join(root, "a.yaml"), "1");
    await calm();
    expect(changes).toBe(0);
  });
});
