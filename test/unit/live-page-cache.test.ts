import { type Arbitrary, array, constantFrom, dictionary, integer, letrec, oneof, record, string, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { createPageCache } from "../../shared/state/live/page-cache.ts";
import { splitItems } from "../../shared/state/live/split-items.ts";
import { holds, PROPERTY_TIMEOUT } from "../support/property.ts";

interface Page {
  readonly kind: string;
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly unknown[];
}

/** As lists of built-in kinds are written, and as those of CRDs are, whose fields are in order. */
const builtIn = (items: readonly unknown[], version = "1"): string => `${JSON.stringify({ kind: "XList", metadata: { resourceVersion: version }, items })}\n`;
const custom = (items: readonly unknown[], version = "1"): string => JSON.stringify({ apiVersion: "g/v1", items, kind: "XList", metadata: { continue: "", resourceVersion: version } });
const forms = [builtIn, custom];

/** One load after the other of one page. */
function loader(): (text: string) => Page {
  const cache = createPageCache();
  return (text) => {
    const page = cache.parsePage("p", Buffer.from(text));
    cache.sweep();
    return page as Page;
  };
}

const items = [{ name: "a" }, { name: "b" }, { name: "c" }, { name: "d" }];

describe.each([["of built-in kinds", builtIn], ["of CRDs", custom]])("pages of lists %s", (_name, written) => {
  test("whose items are the same have the same items, and a version of their own", () => {
    const load = loader();
    const first = load(written(items, "1"));
    const second = load(written(items, "22"));
    expect(second.items).toBe(first.items);
    expect(second).toEqual(JSON.parse(written(items, "22")));
  });

  test.each<[string, readonly unknown[], readonly (number | undefined)[]]>([
    ["changed", [items[0], { name: "B" }, items[2], items[3]], [0, undefined, 2, 3]],
    ["changed, the first", [{ name: "A" }, ...items.slice(1)], [undefined, 1, 2, 3]],
    ["changed, the last", [...items.slice(0, 3), { name: "D" }], [0, 1, 2, undefined]],
    ["new", [items[0], { name: "aa" }, ...items.slice(1)], [0, undefined, 1, 2, 3]],
    ["gone", [items[0], ...items.slice(2)], [0, 2, 3]],
    ["twice", [items[0], items[0], ...items.slice(1)], [0, undefined, 1, 2, 3]],
    ["all that is left", [items[2]], [undefined]],
    ["one of none", [], []],
  ])("of which one is %s have the others again", (_what, next, same) => {
    const load = loader();
    const first = load(written(items));
    const second = load(written(next));
    expect(second.items).toEqual(next);
    expect(second.items.map((item) => (first.items.includes(item) ? first.items.indexOf(item) : undefined))).toEqual(same);
  });

  test("that were not read by the last load are not known any more", () => {
    const cache = createPageCache();
    const parse = (id: string) => cache.parsePage(id, Buffer.from(written(items))) as Page;
    const first = parse("a");
    cache.sweep();
    expect(parse("b").items).not.toBe(first.items);
    cache.sweep();
    const third = parse("a");
    expect(third.items).toEqual(first.items);
    expect(third.items.some((item) => first.items.includes(item))).toBe(false);
  });
});

test("pages that look otherwise are parsed as they are", () => {
  for (const text of ['{"items":null}', "{}", "[]", '{"items":{"items":[1]}}', '{"metadata":{"items":[1]},"items":[2]}', '{"items":[1],"more":[2]}', '{"x":"\\"items\\":[","items":[1]}', '"]"']) {
    const load = loader();
    for (let run = 0; run < 2; run++) expect(load(text)).toEqual(JSON.parse(text));
  }
});

test("what is no JSON is none, whatever was there before", () => {
  for (const text of ['{"items":[1,2', '{"items":[1,,2]}', '{"items":[1 2]}', '{"items":[}{,2]}', '{"items":[1,2]', '{"items":["a]}', "", '{"items":[1,2]]}', '{"items":[1,]}']) {
    const load = loader();
    expect(() => load(text)).toThrow(SyntaxError);
    load('{"items":[1,2]}');
    expect(() => load(text)).toThrow(SyntaxError);
  }
});

test("single answers that are the same give the same, as long as each load reads them", () => {
  const cache = createPageCache();
  const parse = (id: string, text: string) => cache.parse(id, Buffer.from(text));
  const first = parse("/a", '{"a":1}');
  cache.sweep();
  expect(parse("/a", '{"a":1}')).toBe(first);
  expect(parse("/b", '{"a":1}')).not.toBe(first);
  cache.sweep();
  expect(parse("/a", '{"a":2}')).toEqual({ a: 2 });
  cache.sweep();
  expect(parse("/a", '{"a":1}')).not.toBe(first);
  expect(() => parse("/a", '{"a":')).toThrow(SyntaxError);
});

/** Text that a careless reader would stumble over. */
const text = oneof(string(), constantFrom('"items":[', '],"kind":"', "]}", "\\", '\\"', '"', "},{", "ü[😀", "\u2028"));
const values: Arbitrary<unknown> = letrec<{ value: unknown }>((tie) => ({
  value: oneof({ depthSize: "small" }, integer(), text, constantFrom(null, true, -1.5e-7), array(tie("value"), { maxLength: 3 }), dictionary(text, tie("value"), { maxKeys: 3 })),
})).value;
const objects = record({ metadata: record({ name: text, labels: values }), spec: values });

test("items are cut where they end", { timeout: PROPERTY_TIMEOUT }, () => {
  holds([array(values, { maxLength: 4 })], (list) => {
    expect(splitItems(Buffer.from(JSON.stringify(list)))?.map((item) => item.toString())).toEqual(list.map((item) => JSON.stringify(item)));
  });
});

test("one page after the other is what it is without what is known", { timeout: PROPERTY_TIMEOUT }, () => {
  const pages = array(objects, { minLength: 1, maxLength: 4 }).chain((pool) => array(tuple(array(constantFrom(...pool), { maxLength: 5 }), constantFrom(...forms)), { minLength: 2, maxLength: 5 }));
  holds([pages], (loads) => {
    const load = loader();
    for (const [index, [list, written]] of loads.entries()) {
      const page = written(list, String(index));
      expect(load(page)).toEqual(JSON.parse(page));
    }
  });
});
