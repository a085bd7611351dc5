import { hash, randomBytes } from "node:crypto";

/** A config as it is published. */
export interface ConfigText {
  readonly text: Buffer;
  /** SHA-256 of the text, lower-case hexadecimal. */
  readonly digest: string;
}

export function configText(text: string): ConfigText {
  const bytes = Buffer.from(text);
  return { text: bytes, digest: hash("sha256", bytes, "hex") };
}

/**
 * The object that holds a text: the text, a line feed and 48 random blanks and tabs, which JSON permits and readers
 * cut off. No two writes are alike, so that each has an entity tag of its own also where a store derives tags from the
 * content (S3). That is what lets `collectGarbage` delete exactly the object it saw, and never one that a publisher
 * has written again since.
 */
export function encodeConfigObject(text: Buffer): Buffer {
  const blanks = [...randomBytes(6)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return Buffer.concat([text, Buffer.from(`\n${blanks.replaceAll("0", " ").replaceAll("1", "\t")}`)]);
}

/** The text in an object; undefined when it is not what the index says. */
export function decodeConfigObject(body: Uint8Array, expected: { digest: string; size: number }): Buffer | undefined {
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, expected.size));
  return hash("sha256", text, "hex") === expected.digest ? text : undefined;
}
