import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { formatIdentity } from "./file-process.ts";
import type { ProcessIdentity } from "./file-process.ts";
import { errnoOf, syncDirectory, unless } from "./file-system.ts";
import type { FileSystem } from "./file-system.ts";

/** Writes a whole file under a temporary name and waits until the disk has it. Returns its path. */
export async function writeTemporary(fs: FileSystem, directory: string, body: Uint8Array, own: ProcessIdentity): Promise<string> {
  const path = join(directory, `${randomBytes(9).toString("hex")}.${formatIdentity(own)}.tmp`);
  const handle = await creating(fs, path, () => fs.open(path, "wx"));
  try {
    await handle.writeFile(body);
    await handle.sync();
  } catch (error) {
    await fs.unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
  return path;
}

/** Moves a file into place, where another may be; the directories on the way are made. */
export async function moveInto(fs: FileSystem, from: string, to: string): Promise<void> {
  await creating(fs, to, () => fs.rename(from, to));
}

/** Removes directories that have become empty, from `directory` upwards, up to `root` and not `root` itself. */
export async function prune(fs: FileSystem, directory: string, root: string): Promise<void> {
  for (let at = directory; at !== root; at = dirname(at)) {
    // Where it cannot be removed, an empty directory does no harm.
    const removed = await fs.rmdir(at).then(() => true, () => false);
    if (!removed) return;
  }
}

/** Does what makes the file `path`, and makes its directory when it is missing; again, when another process prunes it in the meantime. */
export async function creating<T>(fs: FileSystem, path: string, make: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await make();
    } catch (error) {
      if (errnoOf(error) !== "ENOENT" || attempt >= 10) throw error;
      await makeDirectory(fs, dirname(path));
    }
  }
}

async function makeDirectory(fs: FileSystem, directory: string): Promise<void> {
  // EEXIST: another process made it at the same time, or there is a file, which the next attempt tells.
  const first = await unless(["EEXIST"], fs.mkdir(directory, { recursive: true }));
  if (first === undefined) return;
  for (let at = directory; at.length >= first.length; at = dirname(at)) await syncDirectory(fs, dirname(at));
}
