import { mkdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ClusterError } from "../cluster.ts";

/** Replaces a file as a whole or not at all: who reads it meanwhile sees the old or the new content. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cannotWrite(path, cause);
  }
}

/** Removes a file, if it is there, and the folders that it leaves empty below `root`. */
export async function removeFile(root: string, path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
  for (let folder = dirname(path); folder.length > root.length; folder = dirname(folder)) {
    const removed = await rmdir(folder).then(() => true, () => false);
    if (!removed) return;
  }
}

function cannotWrite(path: string, cause: unknown): ClusterError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
  return new ClusterError(`${path} cannot be written (${code})`, { code: "NotWritten", retryable: true, cause });
}
