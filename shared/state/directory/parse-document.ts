import { isScalar, LineCounter, parseDocument as parseYaml, visit, type Document } from "yaml";
import { isDeep, MAX_DEPTH } from "./depth.ts";
import type { FieldPath } from "./field-path.ts";
import { inspectYaml, expandedSize } from "./inspect-yaml.ts";
import type { Chunk } from "./split-documents.ts";
import { yamlErrorWords } from "./yaml-error.ts";

/** A document that parsed. */
export interface ParsedDocument {
  readonly ok: true;
  readonly value: unknown;
  /** Parts of the value may be one and the same object. */
  readonly hasAliases: boolean;
  /** Line of the file on which a field starts; where the field is missing, that of what should hold it. */
  lineOf(path: FieldPath): number;
  /** The same as far as it is known without further work: of JSON it is the line on which the document starts. */
  roughLineOf(path: FieldPath): number;
  /** A scalar as it is written in the file: `1.10`, where the value is 1.1. */
  sourceOf(path: FieldPath): string | undefined;
}

/** A document that did not. */
export interface UnparsedDocument {
  readonly ok: false;
  readonly line: number;
  readonly reason: "MalformedYAML" | "DuplicateKey" | "TooManyAliases" | "TooDeep";
  readonly message: string;
}

/** Uses of one anchor, nested ones multiplied: more than any manifest has, far less than a bomb needs. */
const MAX_ALIAS_COUNT = 1_000;
/** Values of a document whose aliases are written out. */
const MAX_EXPANDED_SIZE = 10_000_000;
const TOO_MANY_ALIASES = "has an anchor that holds itself, or aliases that make it many times as large as it is";

/** Parses one document of YAML or JSON. Never throws; messages never quote the document. */
export function parseDocument(chunk: Chunk): ParsedDocument | UnparsedDocument {
  const json = parseJson(chunk.text);
  if (json !== undefined) {
    if (isDeep(chunk.text)) return { ok: false, line: chunk.line, reason: "TooDeep", message: `is nested deeper than ${MAX_DEPTH} levels` };
    return located(json, chunk.line, () => yaml(chunk.text));
  }
  const parsed = yaml(chunk.text);
  const failed = (offset: number, reason: UnparsedDocument["reason"], message: string): UnparsedDocument => {
    return { ok: false, line: lineAt(parsed.lines, chunk.line, offset), reason, message };
  };
  const error = parsed.document.errors[0];
  if (error) return failed(error.pos[0], "MalformedYAML", `is no valid YAML: ${yamlErrorWords(error.code)}`);
  const { duplicate, hasAliases } = inspectYaml(parsed.document.contents);
  if (duplicate) return failed(duplicate.offset, "DuplicateKey", `has the key ${JSON.stringify(duplicate.key)} twice in one mapping`);
  try {
    const value: unknown = parsed.document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
    if (hasAliases && expandedSize(value) > MAX_EXPANDED_SIZE) return failed(0, "TooManyAliases", TOO_MANY_ALIASES);
    return { ...located(value, chunk.line, () => parsed, parsed), hasAliases };
  } catch {
    const dangling = danglingAlias(parsed.document);
    if (dangling !== undefined) return failed(dangling, "MalformedYAML", `is no valid YAML: ${yamlErrorWords("BAD_ALIAS")}`);
    return failed(0, "TooManyAliases", TOO_MANY_ALIASES);
  }
}

/** Where an alias stands that has no anchor before it. */
function danglingAlias(document: Document): number | undefined {
  let offset: number | undefined;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document)) return undefined;
      offset = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

interface Parsed {
  readonly document: Document;
  readonly lines: LineCounter;
}

function yaml(text: string): Parsed {
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false, merge: true, logLevel: "silent" } as const;
  return { document: parseYaml(text, options), lines };
}

/** JSON is YAML, but its own parser is fifty times as fast. */
function parseJson(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function located(value: unknown, firstLine: number, parse: () => Parsed, known?: Parsed): ParsedDocument {
  let parsed = known;
  const node = (path: FieldPath): unknown => {
    parsed ??= parse();
    return path.length === 0 ? parsed.document.contents : parsed.document.getIn(path, true);
  };
  const lineOf = (path: FieldPath): number => {
    for (let length = path.length; length >= 0; length--) {
      const offset = offsetOf(node(path.slice(0, length)));
      if (offset !== undefined && parsed) return lineAt(parsed.lines, firstLine, offset);
    }
    return firstLine;
  };
  return {
    ok: true,
    value,
    hasAliases: false,
    lineOf,
    roughLineOf: (path) => (parsed ? lineOf(path) : firstLine),
    sourceOf(path) {
      const found = node(path);
      return isScalar(found) ? found.source : undefined;
    },
  };
}

function offsetOf(node: unknown): number | undefined {
  const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
  return range?.[0];
}

function lineAt(lines: LineCounter, firstLine: number, offset: number): number {
  return firstLine + Math.max(lines.linePos(offset).line, 1) - 1;
}
