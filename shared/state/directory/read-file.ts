import type { AnyKubeObject } from "../../resources/kinds.ts";
import type { ManifestProblem } from "../problem.ts";
import { expandList } from "./expand-list.ts";
import { formatPath } from "./field-path.ts";
import { stripHereDocumentEnd } from "./here-document.ts";
import { parseDocument } from "./parse-document.ts";
import type { ObjectReader } from "./read-object.ts";
import { splitDocuments } from "./split-documents.ts";

/** An object and where it came from. */
export interface LoadedObject {
  readonly key: string;
  readonly object: AnyKubeObject;
  readonly label: string;
  readonly file: string;
  readonly document: number;
  readonly line: number;
}

/** What one file holds. */
export interface FileContent {
  readonly text: string;
  readonly objects: readonly LoadedObject[];
  readonly problems: readonly ManifestProblem[];
  /** Keys of objects that stand in the file and were refused. */
  readonly refused: readonly string[];
  /** Whether something in it could not even be told which object it is. */
  readonly unclear: boolean;
}

/** Reads a file's documents, each by itself. Pure; never throws on content. */
export function readFileContent(file: string, text: string, read: ObjectReader): FileContent {
  const objects: LoadedObject[] = [];
  const problems: ManifestProblem[] = [];
  const refused: string[] = [];
  let unclear = false;
  const { text: yaml, line: strayLine } = stripHereDocumentEnd(text);
  const chunks = splitDocuments(yaml);
  if (strayLine !== undefined) {
    const message = "looks like the end of a shell here-document and is ignored; remove the line";
    const place = { file, document: chunks.length, line: strayLine, object: "", field: "" };
    problems.push({ severity: "warning", ...place, reason: "StrayText", message });
  }
  for (const [index, chunk] of chunks.entries()) {
    const document = index + 1;
    const parsed = parseDocument(chunk);
    if (!parsed.ok) {
      const { line, reason, message } = parsed;
      problems.push({ severity: "error", file, document, line, object: "", field: "", reason, message });
      unclear = true;
      continue;
    }
    for (const { value, path } of expandList(parsed.value)) {
      // Reading mends in place; what aliases share must not be mended for one object on account of another.
      const own = parsed.hasAliases ? structuredClone(value) : value;
      const { findings, label, key, object } = read(own, (inner) => parsed.sourceOf([...path, ...inner]));
      for (const { severity, reason, path: inner, message } of findings) {
        const line = parsed.lineOf([...path, ...inner]);
        problems.push({ severity, file, document, line, object: label, field: formatPath(inner), reason, message });
      }
      if (object && key !== undefined) {
        objects.push({ key, object, label, file, document, line: parsed.roughLineOf(path) });
      } else if (findings.some(({ severity }) => severity === "error")) {
        if (key === undefined) unclear = true;
        else refused.push(key);
      }
    }
  }
  return { text, objects, problems, refused, unclear };
}
