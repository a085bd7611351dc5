import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadDirectory } from "../../shared/state/directory/load-directory.ts";
import type { Manifests } from "../../shared/state/directory/load-manifests.ts";
import { errorCode, ManifestReadError, readFailureWords } from "../../shared/state/directory/manifest-read-error.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "manifests-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(path: string, name: string): Promise<void> {
  await mkdir(join(folder, path, ".."), { recursive: true });
  await writeFile(join(folder, path), JSON.stringify({ apiVersion: "v1", kind: "Node", metadata: { name } }));
}

function names({ objects }: Manifests): string[] {
  return objects.map(({ metadata }) => metadata.name);
}

describe("loadDirectory", () => {
  test("reads YAML and JSON, nested folders too, in ascending order; not the rest", async () => {
    await put("b.yaml", "b");
    await put("a.json", "a");
    await put("c.YML", "c");
    await put("bb/z.yml", "z");
    await put("bb/cc/y.yaml", "y");
    await put("readme.txt", "no");
    await put(".hidden.yaml", "no");
    await put(".git/x.yaml", "no");
    expect(names(await loadDirectory([folder]))).toEqual(["a", "b", "y", "z", "c"]);
  });

  test("reads given files whatever they are called, in the order given", async () => {
    await put("b.txt", "b");
    await put("a.yaml", "a");
    expect(names(await loadDirectory([join(folder, "b.txt"), join(folder, "a.yaml")]))).toEqual(["b", "a"]);
  });

  test("follows links, as mounted ConfigMaps have them, each folder once", async () => {
    await put("..2026_01_31/a.yaml", "a");
    await symlink("..2026_01_31", join(folder, "..data"));
    await symlink("..data/a.yaml", join(folder, "a.yaml"));
    await symlink(folder, join(folder, "again"));
    await symlink("nowhere.yaml", join(folder, "dangling.yaml"));
    const manifests = await loadDirectory([folder]);
    expect(names(manifests)).toEqual(["a"]);
    expect(manifests.problems).toEqual([]);
  });

  test("a link that leads in a circle is a problem that names it", async () => {
    await put("a.yaml", "a");
    await symlink("loop.yaml", join(folder, "loop.yaml"));
    const manifests = await loadDirectory([folder]);
    expect(names(manifests)).toEqual(["a"]);
    expect(manifests.problems).toMatchObject([{ severity: "error", file: join(folder, "loop.yaml"), reason: "Unreadable" }]);
  });

  test("refuses an over-large file with a clear error, and reads the others", async () => {
    await put("a.yaml", "a");
    await writeFile(join(folder, "big.yaml"), "");
    await truncate(join(folder, "big.yaml"), 64 * 1024 * 1024 + 1);
    const manifests = await loadDirectory([folder]);
    expect(names(manifests)).toEqual(["a"]);
    expect(manifests.problems).toMatchObject([
      {
        severity: "error",
        file: join(folder, "big.yaml"),
        reason: "FileTooLarge",
        message: "is 65 MiB large; a file of manifests may have 64 MiB",
      },
    ]);
  });

  test("a path that is not there is an error of its own", async () => {
    const path = join(folder, "missing");
    const error = await loadDirectory([path]).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ManifestReadError);
    expect(error).toMatchObject({ code: "MANIFEST_UNREADABLE", retryable: true, path, message: `${path}: no such file or directory` });
    expect((error as Error).cause).toMatchObject({ code: "ENOENT" });
  });

  test("an empty folder is an empty cluster", async () => {
    expect(await loadDirectory([folder])).toMatchObject({ objects: [], problems: [] });
  });

  test("keeps the objects of a file that becomes over-large, and lets those of a deleted file go", async () => {
    await put("a.yaml", "a");
    await put("b.yaml", "b");
    const first = await loadDirectory([folder]);
    await truncate(join(folder, "a.yaml"), 64 * 1024 * 1024 + 1);
    await rm(join(folder, "b.yaml"));
    expect(names(await loadDirectory([folder], first))).toEqual(["a"]);
  });

  test("a file that is there and cannot be read is a problem; the others count", async () => {
    await put("a.yaml", "a");
    // Every process may open its own memory, and nothing is at its beginning.
    const manifests = await loadDirectory(["/proc/self/mem", folder]);
    expect(names(manifests)).toEqual(["a"]);
    expect(manifests.problems).toMatchObject([
      { severity: "error", file: "/proc/self/mem", reason: "Unreadable", message: "cannot be read (EIO)" },
    ]);
  });
});

test("words for system errors never hold the error's own text", () => {
  expect(readFailureWords({ code: "EACCES", message: "secret" })).toBe("access denied; the process needs the right to read it");
  expect(readFailureWords({ code: "EIO" })).toBe("cannot be read (EIO)");
  expect(errorCode(new Error("x"))).toBe("unknown error");
  expect(errorCode(undefined)).toBe("unknown error");
});
