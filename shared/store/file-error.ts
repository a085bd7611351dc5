import { getSystemErrorMessage } from "node:util";
import { StoreError, StoreUnavailable } from "./errors.ts";
import { errnoOf } from "./file-system.ts";

/** What passes by itself, or once somebody has made room. */
const PASSING = new Set([
  "EAGAIN", "EBUSY", "EDQUOT", "EINTR", "EIO", "EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "ESTALE", "ETIMEDOUT",
]);

/** What the system says of a key that is in the way of another. */
const IN_THE_WAY = new Set(["EISDIR", "ENOTDIR", "ENOTEMPTY", "EEXIST"]);

/**
 * Passes a result on, and turns the file system's errors into the store's.
 * @param doing what the user would call it: `write KEY in DIRECTORY`
 * @throws {StoreError}
 */
export async function asStoreError<T>(doing: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const errno = errnoOf(error) ?? "";
    throw new StoreUnavailable(`cannot ${doing}: ${describe(error, errno)}`, { retryable: PASSING.has(errno), cause: error });
  }
}

function describe(error: unknown, errno: string): string {
  if (IN_THE_WAY.has(errno)) return `a file or directory of that name is in the way (${errno})`;
  const number = (error as NodeJS.ErrnoException | undefined)?.errno;
  const text = typeof number === "number" ? getSystemErrorMessage(number) : undefined;
  return text === undefined ? String(error) : `${text} (${errno})`;
}
