import { isMapping, type RawObject } from "../directory/convert.ts";
import { splitItems } from "./split-items.ts";

/**
 * How one load after the other parses what the API server answers: bytes that are the same as in the load before are
 * the very values of then, which nobody may change. Content alone counts: a version may stay while a changed CRD shows
 * an object differently. Holds no more than the last load read.
 */
export interface PageCache {
  /** An answer that is no list. @param id tells answers apart @throws {SyntaxError} it is no JSON */
  parse(id: string, answer: Buffer): unknown;
  /** A page of a list: its items are compared one by one. @param id tells lists and pages apart @throws {SyntaxError} it is no JSON */
  parsePage(id: string, page: Buffer): unknown;
  /** A load has ended: forgets what it did not read. */
  sweep(): void;
}

interface Known {
  readonly text: Buffer;
  readonly value: unknown;
}

interface KnownPage {
  /** The array of items, with its brackets. */
  readonly text: Buffer;
  readonly items: readonly unknown[];
}

const ITEMS = '"items":[';

export function createPageCache(): PageCache {
  let before = { answers: new Map<string, Known>(), pages: new Map<string, KnownPage>() };
  let now: typeof before = { answers: new Map(), pages: new Map() };
  return {
    parse(id, answer) {
      const known = before.answers.get(id);
      const value = known?.text.equals(answer) ? known.value : JSON.parse(answer.toString("utf8"));
      now.answers.set(id, { text: answer, value });
      return value;
    },
    parsePage(id, page) {
      const parts = split(page);
      const items = parts && attempt(() => itemsOf(parts.text, before.pages.get(id)));
      if (!items) return JSON.parse(page.toString("utf8"));
      const { text, frame } = parts;
      now.pages.set(id, { text, items });
      return { ...frame, items };
    },
    sweep() {
      before = now;
      now = { answers: new Map(), pages: new Map() };
    },
  };
}

/**
 * The array of items and what is around it. JSON allows `"items":[` nowhere but where a list begins that a field of this
 * name holds, and what API servers write after the items has no bracket; should that not be so, then one of the parts
 * is no JSON, or the list is not the page's. Undefined where it looks different.
 */
function split(page: Buffer): { readonly frame: RawObject; readonly text: Buffer } | undefined {
  const [begin, end] = [page.indexOf(ITEMS) + ITEMS.length - 1, page.lastIndexOf("]")];
  if (begin < ITEMS.length || end < begin) return undefined;
  const frame = attempt(() => JSON.parse(`${page.toString("utf8", 0, begin + 1)}${page.toString("utf8", end)}`) as unknown);
  const isFrame = isMapping(frame) && Array.isArray(frame["items"]) && frame["items"].length === 0;
  return isFrame ? { frame, text: page.subarray(begin, end + 1) } : undefined;
}

/** As many items as are the same from the beginning, and from the end, are those that are known. */
function itemsOf(text: Buffer, known: KnownPage | undefined): readonly unknown[] {
  if (known?.text.equals(text)) return known.items;
  const [old, fresh] = [known && splitItems(known.text), splitItems(text)];
  // Cut wrongly, a part would be no JSON.
  if (!known || old?.length !== known.items.length || !fresh) return JSON.parse(text.toString("utf8")) as unknown[];
  const isSame = (a: number, b: number): boolean => old[a] !== undefined && fresh[b] !== undefined && old[a].equals(fresh[b]);
  let head = 0;
  while (isSame(head, head)) head++;
  let tail = 0;
  while (tail < Math.min(old.length, fresh.length) - head && isSame(old.length - 1 - tail, fresh.length - 1 - tail)) tail++;
  const changed = fresh.slice(head, fresh.length - tail).map((item): unknown => JSON.parse(item.toString("utf8")));
  return [...known.items.slice(0, head), ...changed, ...known.items.slice(known.items.length - tail)];
}

/** Undefined where it is no JSON. */
function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
