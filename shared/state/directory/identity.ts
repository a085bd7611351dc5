import { createHash } from "node:crypto";

/**
 * A UID for an object of a directory, where no API server gives one: shaped like a UUID (version 8, RFC 9562), the
 * same for the same group, kind, namespace and name.
 */
export function deterministicUid(group: string, kind: string, namespace: string, name: string): string {
  const hex = createHash("sha256").update(JSON.stringify([group, kind, namespace, name])).digest("hex");
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) % 4) + 8).toString(16);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}
