import { InvalidKey } from "./errors.ts";

/** S3 and Cloud Storage take at most 1,024 bytes, file systems 255 in a name; all characters here are one byte. */
const MAX_KEY = 1024;
const MAX_SEGMENT = 255;
const SEGMENT = /^[A-Za-z0-9._-]+$/;

/** Whether a text may be one segment of a key, that is, one file name. */
export function isKeySegment(segment: string): boolean {
  return SEGMENT.test(segment) && segment !== "." && segment !== ".." && segment.length <= MAX_SEGMENT;
}

/**
 * Checks a key: segments of `[A-Za-z0-9._-]+` joined by `/`, none of them `.` or `..`.
 * @throws {InvalidKey}
 */
export function checkKey(key: string): void {
  if (key.length > MAX_KEY) throw new InvalidKey(key, `at most ${MAX_KEY} characters`);
  for (const segment of key.split("/")) {
    if (!isKeySegment(segment)) {
      throw new InvalidKey(key, `accepted are segments of 1 to ${MAX_SEGMENT} of A-Z a-z 0-9 . _ - (not . or ..), joined by /`);
    }
  }
}

/**
 * Checks what may be the beginning of a key: whole segments, then possibly part of one.
 * @returns the whole segments
 * @throws {InvalidKey}
 */
export function checkPrefix(prefix: string): string[] {
  const end = prefix.lastIndexOf("/");
  const last = prefix.slice(end + 1);
  if (last !== "" && !SEGMENT.test(last)) throw new InvalidKey(prefix, "no key begins like this");
  if (end === -1) return [];
  checkKey(prefix.slice(0, end));
  return prefix.slice(0, end).split("/");
}

/** Order of (different) keys in listings: by character code, as S3 and Cloud Storage do. */
export function compareKeys(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : 1;
}
