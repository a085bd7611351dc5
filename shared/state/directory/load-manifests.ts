import type { AnyKubeObject } from "../../resources/kinds.ts";
import type { ManifestProblem } from "../problem.ts";
import { impliedNamespaces } from "./implied-namespaces.ts";
import { keptProblem, lastGood } from "./last-good.ts";
import { type FileContent, type LoadedObject, readFileContent } from "./read-file.ts";
import { objectReader } from "./read-object.ts";

/** One file of manifests: its text, or why it could not be read. */
export type ManifestSource =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly unreadable: { readonly reason: string; readonly message: string } };

/** A directory of manifests as a cluster. */
export interface Manifests {
  /** Valid objects with their defaults, and the Namespaces that they imply. */
  readonly objects: readonly AnyKubeObject[];
  readonly problems: readonly ManifestProblem[];
  /** What the next load needs to know of this one. */
  readonly loaded: ReadonlyMap<string, LoadedObject>;
  readonly files: ReadonlyMap<string, FileContent>;
}

/**
 * Reads manifests as an API server would take them: one bad document hides no other; of two manifests for one object
 * the later counts. With the previous result, files that did not change are not read again, and an object that is
 * refused now, or whose file cannot be read now, stays as it was. Pure; never throws on content.
 */
export function loadManifests(sources: Iterable<ManifestSource>, previous?: Manifests): Manifests {
  const read = objectReader();
  const files = new Map<string, FileContent>();
  const loaded = new Map<string, LoadedObject>();
  const problems: ManifestProblem[] = [];
  const refused = new Map<string, string>();
  const unclear: string[] = [];
  for (const source of sources) {
    if ("unreadable" in source) {
      problems.push({ severity: "error", file: source.name, document: 0, line: 0, object: "", field: "", ...source.unreadable });
      unclear.push(source.name);
      continue;
    }
    const { name, text } = source;
    const before = previous?.files.get(name);
    const content = before?.text === text ? before : readFileContent(name, text, read);
    files.set(name, content);
    problems.push(...content.problems);
    if (content.unclear) unclear.push(name);
    for (const key of content.refused) refused.set(key, name);
    for (const object of content.objects) {
      const other = loaded.get(object.key);
      if (other) problems.push(duplicateProblem(object, other));
      loaded.set(object.key, object);
    }
  }
  if (previous) {
    for (const kept of lastGood(loaded, { refused, unclear }, previous.loaded)) {
      loaded.set(kept.key, kept);
      problems.push(keptProblem(kept));
    }
  }
  const objects = [...loaded.values()].map(({ object }) => object);
  return { objects: [...objects, ...impliedNamespaces(objects)], problems, loaded, files };
}

/** The objects of one text, such as standard input, and what is wrong with them. */
export function parseManifests(text: string, fileName: string): Manifests {
  return loadManifests([{ name: fileName, text }]);
}

function duplicateProblem({ file, document, line, label }: LoadedObject, other: LoadedObject): ManifestProblem {
  const message = `stands in ${other.file} (line ${other.line}) too; this one, the last, counts`;
  return { severity: "warning", file, document, line, object: label, field: "", reason: "DuplicateObject", message };
}
