import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

/** The directory and all below it that are not hidden, links followed once, each with its device and inode. */
export async function directoriesBelow(root: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const seen = new Set<string>();

  async function visit(directory: string): Promise<void> {
    try {
      const real = await realpath(directory);
      if (seen.has(real)) return;
      seen.add(real);
      const { dev, ino } = await stat(real);
      const entries = await readdir(real, { withFileTypes: true });
      found.set(directory, `${dev}:${ino}`);
      const candidates = entries.filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith("."));
      await Promise.all(candidates.map((entry) => visit(join(directory, entry.name))));
    } catch {
      // Gone, no directory or not ours to read: the loader says so where it matters.
    }
  }

  await visit(root);
  return found;
}
