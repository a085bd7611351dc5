import { isSameSecret } from "../access/equal.ts";

/** What an unknown cluster is compared with, so that it takes as long as a known one. */
const NOBODY: readonly string[] = [""];

/**
 * Whether a token is one of those that are valid now; there are two while they are rotated. Takes as long whatever the
 * token is. An empty token is never valid.
 */
export function isValidToken(given: string, valid: readonly string[] | undefined): boolean {
  const equal = (valid?.length ? valid : NOBODY).map((one) => isSameSecret(given, one));
  return given !== "" && equal.includes(true);
}
