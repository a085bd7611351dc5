import { hash } from "node:crypto";
import type { DesiredObject } from "../render/result.ts";

/** Digests by `Kind/namespace/name` (DESIGN.md 4.2, applied.json). */
export type AppliedDigests = ReadonlyMap<string, string>;

/** The same for the same fields: the renderer writes them in one order. */
export function digestOf(object: DesiredObject): string {
  return hash("sha256", JSON.stringify(object), "base64url");
}
