import { hash, timingSafeEqual } from "node:crypto";

/** Whether two secrets are the same, in a time that tells neither their content nor how much of them agrees. */
export function isSameSecret(one: string, other: string): boolean {
  // Digests have one length, whatever the length of the text.
  return timingSafeEqual(hash("sha256", one, "buffer"), hash("sha256", other, "buffer"));
}
