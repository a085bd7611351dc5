import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const certificates = join(import.meta.dirname, "../support/certificates");

/** Of what the suites plant, as it is and in base64, where it begins at any of three places of a group: the middle is the same. */
const MARKS = ["Planted-", "planted-"].flatMap((mark) => [mark, ...[0, 1, 2].map((shift) => encodedMiddle(mark, shift))]);
const KEY_MARKS = [0, 1, 2].map((shift) => encodedMiddle(" PRIVATE KEY-----", shift));

/** Lines of the private keys that are in the tree: half a key in a log has no header. */
const KEY_LINES = readdirSync(certificates)
  .filter((name) => name.endsWith(".key"))
  .flatMap((name) => readFileSync(join(certificates, name), "utf8").split("\n"))
  .filter((line) => line.length > 20 && !line.startsWith("-----"));

/** Secrets that have a shape of their own, whoever made them. */
const SHAPES = {
  "a token": /st1\.(?:config|events|operator)\.[\w-]{43}/,
  "a service account's token": /\beyJ[\w-]{16,}\.eyJ[\w-]{16,}\.[\w-]{32,}/,
  "a private key": /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\\nr"']+[A-Za-z0-9+/]{16}/,
} as const;

/**
 * Kinds of the secrets that a text holds. The convention of the suites: what they plant contains `Planted-` or
 * `planted-`, where it is not a token or private key.
 */
export function secretsIn(text: string): string[] {
  const shapes = Object.entries(SHAPES).filter(([, shape]) => shape.test(text)).map(([name]) => name);
  const isKey = shapes.includes("a private key") || ![...KEY_MARKS, ...KEY_LINES].some((one) => text.includes(one)) ? [] : ["a private key"];
  return [...(MARKS.some((mark) => text.includes(mark)) ? ["what was planted"] : []), ...shapes, ...isKey];
}

function encodedMiddle(text: string, shift: number): string {
  const whole = Buffer.from(" ".repeat(shift) + text);
  return whole.subarray(0, whole.length - (whole.length % 3)).toString("base64").slice(shift === 0 ? 0 : 4);
}
