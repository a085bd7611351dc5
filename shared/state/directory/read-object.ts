import { type AnyKubeObject, type KindInfo, KINDS } from "../../resources/kinds.ts";
import { adviceOn } from "./advice.ts";
import { complete } from "./complete.ts";
import { convert, isMapping, type RawObject } from "./convert.ts";
import type { FieldPath } from "./field-path.ts";
import type { Finding, Report } from "./finding.ts";
import { labelOf, nameObject } from "./name-object.ts";
import { nearest } from "./nearest.ts";
import { placeObject } from "./place-object.ts";
import { type Tidy, tidyBy, type TidyReport } from "./tidy.ts";
import { validate } from "./validate.ts";

/** What became of one object of a document. */
export interface ReadObject {
  readonly findings: readonly Finding[];
  /** `Kind namespace/name`, as far as it is known. */
  readonly label: string;
  /** `group/Kind/namespace/name`; absent where it cannot be said which object is meant. */
  readonly key?: string;
  /** Absent where the object is refused or ignored. */
  readonly object?: AnyKubeObject;
}

/** Reads an object as an API server would: older versions, defaults, validation. `sourceOf` tells a scalar as it is written. */
export type ObjectReader = (value: unknown, sourceOf: (path: FieldPath) => string | undefined) => ReadObject;

/** Makes a reader; what it prepares for each kind serves any number of objects. */
export function objectReader(): ObjectReader {
  const tidies = new Map<KindInfo, Tidy | undefined>(KINDS.map((info) => [info, tidyBy(info.schema, info.complete)]));
  return (value, sourceOf) => {
    const named = nameObject(value);
    if ("finding" in named) return { findings: [named.finding], label: named.label };
    const { object, info } = named;
    const findings: Finding[] = [];
    const report: Report = (finding) => findings.push(finding);
    convert(object, info, report);
    tidies.get(info)?.(object, [], tidyReport(info, report, sourceOf));
    placeObject(object, info, report);
    const valid = validate(object, info, report);
    const identity = { label: labelOf(object), ...keyOf(object, info) };
    if (!valid) return { ...identity, findings };
    return { ...identity, findings: [...findings, ...adviceOn(valid)], object: complete(valid) };
  };
}

const NOT_TEXT = "must be a text, where an API server refuses the object; put it in quotes (it is taken as it is written)";

function tidyReport(info: KindInfo, report: Report, sourceOf: (path: FieldPath) => string | undefined): TidyReport {
  return {
    notText(path, given) {
      const message = given === null ? "is empty; the empty text is taken" : NOT_TEXT;
      report({ severity: "warning", reason: "NotText", path, message });
      return given === null ? "" : (sourceOf(path) ?? String(given));
    },
    unknownField(path, known) {
      const meant = nearest(String(path.at(-1)), known);
      const message = `is no field of ${info.kind} and has no effect${meant === undefined ? "" : `; did you mean ${meant}?`}`;
      report({ severity: "warning", reason: "UnknownField", path, message });
    },
  };
}

/** The key under which one object of a cluster is known, whatever its version. */
function keyOf({ metadata }: RawObject, { group, kind }: KindInfo): { key?: string } {
  const { namespace = "", name } = isMapping(metadata) ? metadata : {};
  return typeof name === "string" && typeof namespace === "string" ? { key: `${group}/${kind}/${namespace}/${name}` } : {};
}
