import type * as z from "zod/mini";
import { crdMetadata } from "../../resources/crd-metadata.ts";
import { viewOf } from "../../resources/schema-view.ts";
import type { FieldPath } from "./field-path.ts";

/** Who wants to know what was found on the way. */
export interface TidyReport {
  /** A text was wanted and a number, a truth value or nothing was given. Returns the text to take. */
  notText(path: FieldPath, value: number | boolean | null): string;
  /** A field that the kind does not have, and the fields that it has there. */
  unknownField(path: FieldPath, known: readonly string[]): void;
}

/** Works on the value in place. */
export type Tidy = (value: unknown, path: FieldPath, report: TidyReport) => void;

/**
 * Makes what an API server does to an object before it looks at its values, along the object's schema: a field that is
 * null counts as left out, values of text maps become texts, and unknown fields are reported where `complete` says that
 * the schema lists all. Undefined where there is nothing to do.
 */
export function tidyBy(schema: z.ZodMiniType, complete: boolean): Tidy | undefined {
  const listsAll = complete && crdMetadata.get(schema)?.partial !== true;
  const view = viewOf(schema);
  switch (view.type) {
    case "optional":
    case "default":
      return tidyBy(view.inner, listsAll);
    case "object":
      return tidyObject(view.fields, listsAll);
    case "list":
      return tidyList(tidyBy(view.item, listsAll));
    case "map":
      return viewOf(view.value).type === "text" ? tidyTextMap : undefined;
    default:
      return undefined;
  }
}

function tidyObject(fields: Readonly<Record<string, z.ZodMiniType>>, complete: boolean): Tidy {
  const known = Object.keys(fields);
  const names = new Set(known);
  const inner = new Map<string, Tidy>();
  for (const [name, field] of Object.entries(fields)) {
    // What stands in a status is not the author's doing.
    const tidy = tidyBy(field, complete && name !== "status");
    if (tidy) inner.set(name, tidy);
  }
  return (value, path, report) => {
    if (!isObject(value)) return;
    for (const name of Object.keys(value)) {
      if (value[name] === null && names.has(name)) delete value[name];
      else if (names.has(name)) inner.get(name)?.(value[name], [...path, name], report);
      else if (complete) report.unknownField([...path, name], known);
    }
  };
}

function tidyList(item: Tidy | undefined): Tidy | undefined {
  if (!item) return undefined;
  return (value, path, report) => {
    if (Array.isArray(value)) value.forEach((one, index) => item(one, [...path, index], report));
  };
}

function tidyTextMap(value: unknown, path: FieldPath, report: TidyReport): void {
  if (!isObject(value)) return;
  for (const [key, one] of Object.entries(value)) {
    if (one === null || typeof one === "number" || typeof one === "boolean") value[key] = report.notText([...path, key], one);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
