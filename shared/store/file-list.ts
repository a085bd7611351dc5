import { join } from "node:path";
import { unless } from "./file-system.ts";
import type { FileSystem } from "./file-system.ts";
import { isKeySegment } from "./key.ts";
import type { ListedObject } from "./object-store.ts";
import { inParallel } from "./parallel.ts";

/** Open files at a time. */
const WIDTH = 16;

/**
 * All objects below a directory of the store, in no order. What vanishes meanwhile is left out; so is what no key can
 * name: `#tmp`, `lost+found`, links.
 * @param segments the directory, as segments of the key
 */
export async function listFiles(
  fs: FileSystem,
  root: string,
  segments: readonly string[],
  etagOf: (body: Uint8Array) => string,
): Promise<ListedObject[]> {
  const keys = await keysBelow(fs, root, segments);
  const listed = await inParallel(keys, WIDTH, async (key): Promise<ListedObject | undefined> => {
    const handle = await unless(["ENOENT"], fs.open(join(root, key), "r"));
    if (handle === undefined) return undefined;
    try {
      const [{ mtimeMs }, body] = [await handle.stat(), await handle.readFile()];
      return { key, etag: etagOf(body), size: body.length, modified: Math.floor(mtimeMs) };
    } finally {
      await handle.close();
    }
  });
  return listed.filter((object) => object !== undefined);
}

async function keysBelow(fs: FileSystem, root: string, segments: readonly string[]): Promise<string[]> {
  const directory = join(root, ...segments);
  const entries = (await unless(["ENOENT", "ENOTDIR"], fs.readdir(directory, { withFileTypes: true }))) ?? [];
  const keys: string[] = [];
  for (const entry of entries) {
    if (!isKeySegment(entry.name)) continue;
    const path = [...segments, entry.name];
    if (entry.isFile()) keys.push(path.join("/"));
    if (entry.isDirectory()) keys.push(...(await keysBelow(fs, root, path)));
  }
  return keys;
}
