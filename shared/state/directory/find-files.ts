import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, readFailureWords } from "./manifest-read-error.ts";
import type { ManifestSource } from "./load-manifests.ts";

/** A file of manifests, or something below the given path that could not be looked at. */
export type FoundFile = { readonly path: string; readonly size: number } | Extract<ManifestSource, { unreadable: object }>;

const EXTENSION = /\.(?:ya?ml|json)$/i;

/**
 * Files of manifests below a folder, in ascending order, nested folders too. Names that start with a dot are left out,
 * as are other extensions; symbolic links are followed, each folder is visited once. Fails as `readdir` does where the
 * folder itself cannot be read.
 */
export async function findFiles(folder: string, visited: Set<string> = new Set()): Promise<FoundFile[]> {
  const real = await realpath(folder);
  if (visited.has(real)) return [];
  visited.add(real);
  const names = (await readdir(folder)).filter((name) => !name.startsWith(".")).sort();
  const found: FoundFile[] = [];
  for (const name of names) {
    const path = join(folder, name);
    try {
      const info = await stat(path);
      if (info.isDirectory()) found.push(...(await findFiles(path, visited)));
      else if (info.isFile() && EXTENSION.test(name)) found.push({ path, size: info.size });
    } catch (error) {
      // Gone since its folder was listed, or a link to nowhere: absent.
      if (errorCode(error) === "ENOENT") continue;
      found.push(unreadable(path, readFailureWords(error)));
    }
  }
  return found;
}

/** A source that says why it has no text. */
export function unreadable(name: string, message: string, reason = "Unreadable"): Extract<ManifestSource, { unreadable: object }> {
  return { name, unreadable: { reason, message } };
}
