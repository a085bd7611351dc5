import { StoreError } from "./errors.ts";

export interface XmlElement {
  readonly name: string;
  /** What stands in it directly, entities resolved. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** An answer is not the XML that S3 speaks. */
export class InvalidXml extends StoreError {
  constructor(problem: string, at: number) {
    super(`the store's answer is not the XML of S3: ${problem} at ${at}`, { code: "invalid-xml", retryable: true });
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const DEPTH = 16;

/**
 * Reads the XML that S3 answers with: elements, text, entities and a declaration in front; attributes are passed over.
 * Comments, CDATA, processing instructions and document types are refused: no S3 sends them.
 * @throws {InvalidXml}
 */
export function readXml(text: string): XmlElement {
  let at = 0;

  function fail(problem: string): never {
    throw new InvalidXml(problem, at);
  }

  function upTo(end: string): string {
    const found = text.indexOf(end, at);
    if (found === -1) fail(`${end} is missing`);
    const passed = text.slice(at, found);
    at = found + end.length;
    return passed;
  }

  /** After `<`. */
  function element(depth: number): XmlElement {
    if (depth > DEPTH) fail("too deep");
    const tag = upTo(">");
    const isEmpty = tag.endsWith("/");
    const name = (isEmpty ? tag.slice(0, -1) : tag).split(/\s/, 1)[0] ?? "";
    if (!/^[A-Za-z_][\w.:-]*$/.test(name)) fail("no element");
    return { name, ...(isEmpty ? { text: "", children: [] } : content(name, depth)) };
  }

  function content(name: string, depth: number): Omit<XmlElement, "name"> {
    const children: XmlElement[] = [];
    let own = "";
    for (;;) {
      own += resolve(upTo("<"));
      if (text[at] !== "/") {
        children.push(element(depth + 1));
        continue;
      }
      at += 1;
      if (upTo(">").trimEnd() !== name) fail(`${name} does not end`);
      return { text: own, children };
    }
  }

  function resolve(raw: string): string {
    return raw.replace(/&([^;&]*);?/g, (entity, name: string) => {
      if (!entity.endsWith(";")) fail("a bare &");
      const code = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name);
      const point = code === null ? undefined : Number.parseInt(code[1] ?? code[2] ?? "", code[1] === undefined ? 10 : 16);
      if (point !== undefined && point <= 0x10ffff) return String.fromCodePoint(point);
      return ENTITIES[name] ?? fail("an entity that is not known");
    });
  }

  function blank(): void {
    while (at < text.length && /[\s\uFEFF]/.test(text[at] ?? "")) at += 1;
  }

  blank();
  if (text.startsWith("<?xml", at)) upTo("?>");
  blank();
  if (text[at] !== "<") fail("no element");
  at += 1;
  const root = element(0);
  blank();
  if (at < text.length) fail("something after the end");
  return root;
}

/** The first child of that name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}
