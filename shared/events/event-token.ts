import { createHash, timingSafeEqual } from "node:crypto";

/** What an unknown cluster is compared with, so that it takes as long as a known one. */
const NOBODY: readonly string[] = [""];

/**
 * Whether a token is one of those that are valid now; there are two while they are rotated. Takes as long whatever the
 * token is. An empty token is never valid.
 */
export function isValidToken(given: string, valid: readonly string[] | undefined): boolean {
  const digest = digestOf(given);
  const equal = (valid?.length ? valid : NOBODY).map((one) => timingSafeEqual(digest, digestOf(one)));
  return given !== "" && equal.includes(true);
}

/** Digests have one length, whatever the length of the token. */
function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
