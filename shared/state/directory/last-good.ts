import type { ManifestProblem } from "../problem.ts";
import type { LoadedObject } from "./read-file.ts";

/** What of the files could not be read this time. */
export interface Unread {
  /** Keys of objects that were refused, and the file of each. */
  readonly refused: ReadonlyMap<string, string>;
  /** Files and folders of which it is not known what they hold. */
  readonly unclear: readonly string[];
}

/**
 * Objects of the previous load that stay, since a write that an API server refuses leaves the object as it was, and
 * "not read is not absent" (DESIGN.md 2): those that are refused now, and those of a file that is not clear now.
 */
export function lastGood(
  now: ReadonlyMap<string, LoadedObject>,
  unread: Unread,
  previous: ReadonlyMap<string, LoadedObject>,
): LoadedObject[] {
  const inUnclear = (file: string): boolean => unread.unclear.some((one) => file === one || file.startsWith(`${one}/`));
  return [...previous.values()].filter(({ key, file }) => !now.has(key) && (unread.refused.has(key) || inUnclear(file)));
}

/** Says that an object stays as it was. */
export function keptProblem({ label, file }: LoadedObject): ManifestProblem {
  const message = "stays as it was when it could last be read, until the file is mended";
  return { severity: "warning", file, document: 0, line: 0, object: label, field: "", reason: "LastGoodKept", message };
}
