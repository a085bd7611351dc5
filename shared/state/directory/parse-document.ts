import { isScalar, LineCounter, parseDocument as parseYaml, type Document } from "yaml";
import { duplicateKey } from "./duplicate-key.ts";
import { isDeep, MAX_DEPTH } from "./depth.ts";
import type { FieldPath } from "./field-path.ts";
import type { Chunk } from "./split-documents.ts";
import { yamlErrorWords } from "./yaml-error.ts";

/** A document that parsed. */
export interface ParsedDocument {
  readonly ok: true;
  readonly value: unknown;
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
  const twice = duplicateKey(parsed.document.contents);
  if (twice) return failed(twice.offset, "DuplicateKey", `has the key ${JSON.stringify(twice.key)} twice in one mapping`);
  try {
    const value: unknown = parsed.document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
    return located(value, chunk.line, () => parsed, parsed);
  } catch {
    return failed(0, "TooManyAliases", `uses anchors and aliases more than ${MAX_ALIAS_COUNT} times over`);
  }
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
