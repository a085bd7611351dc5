import { readFile, stat } from "node:fs/promises";
import { findFiles, type FoundFile, unreadable } from "./find-files.ts";
import { loadManifests, type Manifests, type ManifestSource } from "./load-manifests.ts";
import { errorCode, ManifestReadError, readFailureWords } from "./manifest-read-error.ts";

/** A larger file is refused: it is no manifest. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;

/**
 * Loads files and folders of manifests, nested ones too, in the order given; see `loadManifests`.
 *
 * @throws ManifestReadError where a given path itself cannot be read. What lies below it and cannot be read is a problem.
 * @example
 * let manifests = await loadDirectory(["manifests"]);
 * const state = clusterState(manifests.objects);
 * manifests = await loadDirectory(["manifests"], manifests); // after a change
 */
export async function loadDirectory(paths: readonly string[], previous?: Manifests): Promise<Manifests> {
  const sources: ManifestSource[] = [];
  for (const path of paths) sources.push(...(await readSources(path)));
  return loadManifests(sources, previous);
}

/** How many files are read at a time. */
const AT_ONCE = 32;

async function readSources(path: string): Promise<ManifestSource[]> {
  const files = await listFiles(path);
  const sources: ManifestSource[] = [];
  for (let first = 0; first < files.length; first += AT_ONCE) {
    const some = await Promise.all(files.slice(first, first + AT_ONCE).map(readSource));
    sources.push(...some.filter((source) => source !== undefined));
  }
  return sources;
}

async function listFiles(path: string): Promise<FoundFile[]> {
  try {
    const info = await stat(path);
    return info.isDirectory() ? await findFiles(path) : [{ path, size: info.size }];
  } catch (cause) {
    throw new ManifestReadError(path, cause);
  }
}

async function readSource(file: FoundFile): Promise<ManifestSource | undefined> {
  if ("unreadable" in file) return file;
  const { path, size } = file;
  if (size > MAX_FILE_BYTES) {
    const message = `is ${Math.ceil(size / 1024 / 1024)} MiB large; a file of manifests may have ${MAX_FILE_BYTES / 1024 / 1024} MiB`;
    return unreadable(path, message, "FileTooLarge");
  }
  try {
    return { name: path, text: await readFile(path, "utf8") };
  } catch (error) {
    return errorCode(error) === "ENOENT" ? undefined : unreadable(path, readFailureWords(error));
  }
}
