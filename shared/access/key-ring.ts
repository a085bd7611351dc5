import { createSecretKey, randomBytes, type KeyObject } from "node:crypto";

/** Keys that tokens are derived from: two are valid while they are rotated. A KeyObject is not shown by a log or an error. */
export interface KeyRing {
  /** Signs and verifies. */
  readonly current: KeyObject;
  /** Verifies only. */
  readonly previous?: KeyObject;
}

/** Keys that cannot be used. The message never repeats them. */
export class InvalidKeys extends Error {
  readonly code = "InvalidKeys";
  readonly retryable = false;

  constructor(reason: string) {
    super(reason);
    this.name = "InvalidKeys";
  }
}

/** As long as the hash is strong. */
const LEAST_BYTES = 32;
const MOST_KEYS = 2;
const BASE64 = /^(?:[A-Za-z0-9+/]+={0,2}|[A-Za-z0-9_-]+)$/;
const HEAD = "# Keys of stunner-serverless tokens: the first one signs, both verify.";

/**
 * Reads one or two keys in base64 (or base64url), separated by line ends, blanks or commas; a line that begins with # is a comment.
 * @throws {InvalidKeys}
 */
export function parseKeyRing(text: string): KeyRing {
  const lines = text.split(/\r?\n/).filter((line) => !line.trimStart().startsWith("#"));
  const words = lines.join(" ").split(/[\s,]+/).filter((word) => word !== "");
  if (words.length > MOST_KEYS) throw new InvalidKeys(`there are ${words.length} keys: give at most ${MOST_KEYS}, the current one first`);
  const [current, previous] = words.map(readKey);
  if (current === undefined) throw new InvalidKeys(`there is no key: give one of at least ${LEAST_BYTES} random bytes in base64`);
  if (previous === undefined) return { current };
  if (previous.equals(current)) throw new InvalidKeys("both keys are the same");
  return { current, previous };
}

/** The text of a key file. A secret. */
export function formatKeyRing(ring: KeyRing): string {
  return `${[HEAD, ...keysOf(ring).map((key) => key.export().toString("base64"))].join("\n")}\n`;
}

export function newKey(): KeyObject {
  return createSecretKey(randomBytes(LEAST_BYTES));
}

/** Those that verify, the one that signs first. */
export function keysOf({ current, previous }: KeyRing): readonly KeyObject[] {
  return previous === undefined ? [current] : [current, previous];
}

function readKey(word: string, index: number): KeyObject {
  if (!BASE64.test(word)) throw new InvalidKeys(`key ${index + 1} is not in base64`);
  const bytes = Buffer.from(word, "base64");
  if (bytes.length < LEAST_BYTES) throw new InvalidKeys(`key ${index + 1} has ${bytes.length} bytes: at least ${LEAST_BYTES} random ones are needed`);
  return createSecretKey(bytes);
}
