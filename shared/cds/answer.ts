import { hash } from "node:crypto";
import type { Rendition } from "./rendition.ts";
import type { ConfigEntry } from "./source.ts";

/** One HTTP answer, not yet written. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Pieces are written one after another, so that a long list is never in memory as a whole. */
  readonly body: string | Buffer | Iterable<Buffer>;
}

const JSON_TYPE = { "Content-Type": "application/json" };
const NEWLINE = Buffer.from("\n");
const COMMA = Buffer.from(",");
const LIST_HEAD = Buffer.from('{"items":[');
const LIST_TAIL = Buffer.from('],"version":"v1"}\n');
/** Bytes that a piece of a list has at least, the last one apart. */
const PIECE = 65_536;

/**
 * One configuration (spec/cds.md 2.2), or 304 where the client has it already.
 * @param ifNoneMatch the header of that name; the tag is that of the text with this client's address in it
 * @param pollSeconds when the client should ask again
 */
export function configAnswer(rendition: Rendition, ifNoneMatch: string | undefined, pollSeconds: number): Answer {
  const etag = `"${rendition.tag}"`;
  // It holds passwords: no cache keeps it. Who has it may ask whether it is still the same.
  const headers = { ETag: etag, "Cache-Control": "private, no-store", Vary: "Authorization", "Stunner-Poll-Interval": String(pollSeconds) };
  if (matches(etag, ifNoneMatch)) return { status: 304, headers, body: "" };
  const body = Buffer.concat([rendition.text, NEWLINE]);
  // The tag names a text; by this a client tells whether all of it has come.
  return { status: 200, headers: { ...JSON_TYPE, ...headers, "Stunner-Body-Sha256": hash("sha256", body, "hex") }, body };
}

/** Whether a client has been given another text before, so that this one is a change. Without a tag, or with curl's empty one, it has none. */
export function isNews({ tag }: Rendition, ifNoneMatch: string | undefined): boolean {
  return ifNoneMatch !== undefined && !/^(?:\s*"")?\s*$/.test(ifNoneMatch) && !matches(`"${tag}"`, ifNoneMatch);
}

/** The list object of these configurations, texts exactly as published (spec/cds.md 2.2). */
export function listAnswer(entries: readonly ConfigEntry[]): Answer {
  const commas = Math.max(0, entries.length - 1);
  const length = entries.reduce((sum, entry) => sum + entry.text.length, commas + LIST_HEAD.length + LIST_TAIL.length);
  return {
    status: 200,
    headers: { ...JSON_TYPE, "Content-Length": String(length), "Cache-Control": "private, no-store" },
    body: { [Symbol.iterator]: () => pieces(entries) },
  };
}

/** There is nothing to license here: the constant answer of spec/cds.md 2.3. */
export function licenseAnswer(): Answer {
  const body = '{"enabledFeatures":[],"subscriptionType":"free","lastUpdated":"N/A","lastError":""}\n';
  return { status: 200, headers: JSON_TYPE, body };
}

function* pieces(entries: readonly ConfigEntry[]): Iterator<Buffer> {
  let piece: Buffer[] = [LIST_HEAD];
  let size = 0;
  for (const [index, entry] of entries.entries()) {
    if (index > 0) piece.push(COMMA);
    piece.push(entry.text);
    size += entry.text.length;
    if (size < PIECE) continue;
    yield Buffer.concat(piece);
    piece = [];
    size = 0;
  }
  piece.push(LIST_TAIL);
  yield Buffer.concat(piece);
}

/** Whether an If-None-Match names this tag; weak and strong tags are compared alike (RFC 9110, 13.1.2). */
function matches(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
}
