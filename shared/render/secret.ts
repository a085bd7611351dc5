import type { Secret } from "../resources/secret.ts";

/** The text under a data key; undefined where the key is absent. Bytes that are no UTF-8 become U+FFFD, as in JSON. */
export function secretText(secret: Secret, key: string): string | undefined {
  const data = secret.data?.[key];
  return data === undefined || data === null ? undefined : Buffer.from(data, "base64").toString("utf8");
}

/** The first of the keys that is present, as canonical padded base64: hand-written YAML may break lines in it. */
export function secretBase64(secret: Secret, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const data = secret.data?.[key];
    if (data) return Buffer.from(data, "base64").toString("base64");
  }
  return undefined;
}
