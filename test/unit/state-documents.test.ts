import { describe, expect, test } from "vitest";
import { isDeep } from "../../shared/state/directory/depth.ts";
import { expandList } from "../../shared/state/directory/expand-list.ts";
import { formatPath } from "../../shared/state/directory/field-path.ts";
import { stripHereDocumentEnd } from "../../shared/state/directory/here-document.ts";
import { nearest } from "../../shared/state/directory/nearest.ts";
import { parseDocument } from "../../shared/state/directory/parse-document.ts";
import { splitDocuments } from "../../shared/state/directory/split-documents.ts";
import { yamlErrorWords } from "../../shared/state/directory/yaml-error.ts";

describe("splitDocuments", () => {
  test.each<[string, string, [string, number][]]>([
    ["one document", "a: 1\n", [["a: 1\n", 1]]],
    ["several", "a: 1\n---\nb: 2\n---\nc: 3", [["a: 1", 1], ["---\nb: 2", 2], ["---\nc: 3", 4]]],
    ["document ends", "a: 1\n...\nb: 2\n...\n", [["a: 1", 1], ["b: 2", 3]]],
    ["markers with more on the line", "--- # first\na: 1\n--- {b: 2}\n", [["--- # first\na: 1", 1], ["--- {b: 2}\n", 3]]],
    ["nothing but comments", "# a\n---\n# b\n\n---\n   # c\n", []],
    ["leading marker", "---\na: 1", [["---\na: 1", 1]]],
    ["empty text", "", []],
    ["a byte order mark", "\uFEFFa: 1", [["a: 1", 1]]],
    ["Windows line ends", "a: 1\r\n---\r\nb: 2\r\n", [["a: 1", 1], ["---\nb: 2\n", 2]]],
    ["no marker but longer dashes", "a: |\n  -----BEGIN-----\n-----x", [["a: |\n  -----BEGIN-----\n-----x", 1]]],
    ["an indented marker", "a:\n  ---\n", [["a:\n  ---\n", 1]]],
    ["a directive before its marker", "%YAML 1.2\n# c\n---\na: 1\n---\nb: 2", [["%YAML 1.2\n# c\n---\na: 1", 1], ["---\nb: 2", 5]]],
    ["a percent sign inside a document", "a:\n%b\n---\nc: 1", [["a:\n%b", 1], ["---\nc: 1", 3]]],
  ])("%s", (_, text, expected) => {
    expect(splitDocuments(text).map((chunk) => [chunk.text, chunk.line])).toEqual(expected);
  });
});

describe("stripHereDocumentEnd", () => {
  test.each([
    ["a: 1\nEOF\n", { text: "a: 1", line: 2 }],
    ["a: 1\n\nEOF", { text: "a: 1\n", line: 3 }],
    ["EOF", { text: "", line: 1 }],
    ["\nEOF", { text: "", line: 2 }],
    ["a: EOF\n", { text: "a: EOF\n" }],
    ["EOF\na: 1\n", { text: "EOF\na: 1\n" }],
  ])("%j", (text, expected) => {
    expect(stripHereDocumentEnd(text)).toEqual(expected);
  });
});

function parse(text: string, line = 10): ReturnType<typeof parseDocument> {
  return parseDocument({ text, line });
}

describe("parseDocument", () => {
  test("tells lines of fields, of what should hold a missing one, and scalars as written", () => {
    const parsed = parse("---\nspec:\n  listeners:\n    - port: 0x1F\n      name: a\n", 10);
    if (!parsed.ok) throw new Error(parsed.message);
    expect(parsed.value).toEqual({ spec: { listeners: [{ port: 31, name: "a" }] } });
    expect(parsed.lineOf(["spec", "listeners", 0, "name"])).toBe(14);
    expect(parsed.lineOf(["spec", "listeners", 0, "protocol"])).toBe(13);
    expect(parsed.lineOf(["spec", "nothing", "there"])).toBe(12);
    expect(parsed.lineOf([])).toBe(11);
    expect(parsed.roughLineOf(["spec", "listeners", 0, "name"])).toBe(14);
    expect(parsed.sourceOf(["spec", "listeners", 0, "port"])).toBe("0x1F");
    expect(parsed.sourceOf(["spec", "listeners"])).toBeUndefined();
  });

  test("reads JSON, and tells its lines only when asked", () => {
    const parsed = parse('{\n  "a": {\n    "b": 1\n  }\n}', 5);
    if (!parsed.ok) throw new Error(parsed.message);
    expect(parsed.value).toEqual({ a: { b: 1 } });
    expect(parsed.roughLineOf(["a", "b"])).toBe(5);
    expect(parsed.lineOf(["a", "b"])).toBe(7);
    expect(parsed.sourceOf(["a", "b"])).toBe("1");
  });

  test("reads flow style that is no JSON", () => {
    expect(parse("{a: [b, 'c']}")).toMatchObject({ ok: true, value: { a: ["b", "c"] } });
  });

  test("merges anchors", () => {
    expect(parse("x: &x {a: 1}\ny:\n  <<: *x\n  b: 2\nz:\n  <<: *x\n  <<: {c: 3}\n")).toMatchObject({
      value: { y: { a: 1, b: 2 }, z: { a: 1, c: 3 } },
    });
  });

  test.each<[string, string, number, string]>([
    ["a tab", "a:\n\tb: 1", 11, "MalformedYAML"],
    ["a quote that does not end", 'a: "b', 10, "MalformedYAML"],
    ["an unknown alias", "a: 1\nb: *c", 11, "MalformedYAML"],
    ["an anchor that holds itself", "a: 1\nb: &b [*b]", 10, "TooManyAliases"],
    ["a key twice", "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", 14, "DuplicateKey"],
    ["a key twice in a list", "- a: 1\n- b: 1\n  b: 2\n", 12, "DuplicateKey"],
    ["brackets without end", "[".repeat(100_000), 10, "MalformedYAML"],
    ["deep JSON", `{"a":${"[".repeat(600)}${"]".repeat(600)}}`, 10, "TooDeep"],
  ])("%s", (_, text, line, reason) => {
    const parsed = parse(text);
    expect(parsed).toMatchObject({ ok: false, line, reason });
  });

  test("stops an anchor bomb at once", () => {
    const levels = "bcdefghij".split("").map((name, index) => {
      return `${name}: &${name} [${Array<string>(9).fill(`*${"abcdefghi".charAt(index)}`).join(", ")}]`;
    });
    expect(parse(["a: &a [x, x, x]", ...levels].join("\n"))).toMatchObject({ ok: false, reason: "TooManyAliases" });
  });

  test("counts what aliases stand for", () => {
    const list = `list: &list [${"x, ".repeat(20_000)}]\n`;
    const uses = (count: number): string => list + Array.from({ length: count }, (_, index) => `use${index}: *list`).join("\n");
    expect(parse(uses(400))).toMatchObject({ ok: true, hasAliases: true });
    expect(parse(uses(600))).toMatchObject({ ok: false, reason: "TooManyAliases" });
  });

  test("a mapping of 20,000 keys takes no time that grows with the square", () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `key${index}: ${index}`).join("\n");
    const before = process.cpuUsage();
    expect(parse(text).ok).toBe(true);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(1_500);
  });

  test("never tells what stands in the document", () => {
    const texts = ['password: "hunter2', "password: *hunter2", "- password: hunter2\n hunter2: x", "password: hunter2: x", "password: [hunter2\n"];
    for (const text of texts) {
      const parsed = parse(text);
      expect(parsed.ok).toBe(false);
      expect(JSON.stringify(parsed)).not.toContain("hunter2");
    }
  });

  test("every code of the parser has words", () => {
    expect(yamlErrorWords("TAB_AS_INDENT")).toContain("spaces");
    expect(yamlErrorWords("MULTIPLE_DOCS")).toBe("this is no YAML");
  });
});

describe("isDeep", () => {
  test.each<[string, boolean]>([
    [`${"[".repeat(500)}${"]".repeat(500)}`, false],
    [`${"[".repeat(501)}${"]".repeat(501)}`, true],
    [`["${"[".repeat(600)}"]`, false],
    [`["\\"${"[".repeat(600)}\\\\"]`, false],
    [`["\\\\",${"{".repeat(600)}`, true],
    [`[${"[],".repeat(600)}{}]`, false],
  ])("%#", (json, expected) => {
    expect(isDeep(json)).toBe(expected);
  });
});

describe("expandList", () => {
  test("takes lists apart, nested ones too", () => {
    const inner = { apiVersion: "v1", kind: "List", items: [{ kind: "B" }] };
    const list = { apiVersion: "v1", kind: "List", items: [{ kind: "A" }, inner] };
    expect(expandList(list)).toEqual([
      { value: { kind: "A" }, path: ["items", 0] },
      { value: { kind: "B" }, path: ["items", 1, "items", 0] },
    ]);
  });

  test("gives the items of a typed list its version and kind", () => {
    const list = { apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayList", items: [{ metadata: { name: "a" } }, "odd", null] };
    expect(expandList(list).map(({ value }) => value)).toEqual([
      { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", metadata: { name: "a" } },
      "odd",
      null,
    ]);
  });

  test("a List without items is empty, any other object is itself", () => {
    expect(expandList({ kind: "List", items: null })).toEqual([]);
    expect(expandList({ kind: "List" })).toEqual([]);
    for (const value of [{ kind: "AccessList" }, { kind: 5, items: [] }, null, "x", [1]]) expect(expandList(value)).toEqual([
      { value, path: [] },
    ]);
  });
});

test("formatPath", () => {
  expect(formatPath(["spec", "listeners", 0, "port"])).toBe("spec.listeners[0].port");
  expect(formatPath(["metadata", "annotations", "stunner.l7mp.io/x"])).toBe('metadata.annotations["stunner.l7mp.io/x"]');
  expect(formatPath([])).toBe("");
  expect(formatPath([1, "a"])).toBe("[1].a");
});

test("nearest", () => {
  const fields = ["realm", "userName", "password", "authType"];
  expect(nearest("username", fields)).toBe("userName");
  expect(nearest("passwrod", fields)).toBe("password");
  expect(nearest("relm", fields)).toBe("realm");
  expect(nearest("somethingElse", fields)).toBeUndefined();
  expect(nearest("x", fields)).toBeUndefined();
  expect(nearest("", [])).toBeUndefined();
});
