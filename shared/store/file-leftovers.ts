import { join } from "node:path";
import { findIdentity, lifeOf } from "./file-process.ts";
import type { ProcessIdentity } from "./file-process.ts";
import type { FileSystem } from "./file-system.ts";

/** Milliseconds after which a file of a process that cannot be seen from here counts as left over. */
const ABANDONED = 60 * 60 * 1000;

/**
 * Removes what processes that ended in the middle of a write left in a directory: files with `.<process>.` in their
 * name (file-process.ts). Files of living processes stay. Failing to clean up fails nothing.
 */
export async function removeLeftovers(fs: FileSystem, directory: string, now: number, own: ProcessIdentity): Promise<void> {
  const names = await fs.readdir(directory).catch(() => []);
  for (const name of names) {
    const path = join(directory, name);
    const life = lifeOf(findIdentity(name), own);
    if (life === "alive") continue;
    const age = life === "dead" ? Infinity : now - ((await fs.stat(path).catch(() => undefined))?.mtimeMs ?? now);
    if (age > ABANDONED) await fs.unlink(path).catch(() => undefined);
  }
}
