import type * as promises from "node:fs/promises";

/** What the file driver asks of node:fs/promises; tests put themselves in between to fail or to end a process there. */
export type FileSystem = Pick<
  typeof promises,
  "mkdir" | "open" | "readdir" | "readFile" | "rename" | "rmdir" | "stat" | "unlink"
>;

/** The system's code of a failed call (`ENOENT`), or undefined. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** The result of a call, or undefined where it failed with one of these codes. */
export async function unless<T>(codes: readonly string[], call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (codes.includes(errnoOf(error) ?? "")) return undefined;
    throw error;
  }
}

/** Makes what was created, renamed or removed in a directory survive a loss of power; a directory that is gone needs none. */
export async function syncDirectory(fs: FileSystem, directory: string): Promise<void> {
  const handle = await unless(["ENOENT"], fs.open(directory, "r"));
  if (handle === undefined) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
