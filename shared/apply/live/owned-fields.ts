import * as z from "zod/mini";
import { isObject, type JsonObject } from "../json.ts";

/** An entry of `metadata.managedFields`. */
export const managedEntrySchema = z.looseObject({
  manager: z.optional(z.string()),
  operation: z.optional(z.string()),
  subresource: z.optional(z.string()),
  fieldsV1: z.optional(z.record(z.string(), z.unknown())),
});
export type ManagedEntry = z.infer<typeof managedEntrySchema>;

export function managedEntries(object: { metadata: object }): ManagedEntry[] {
  const found = z.safeParse(z.array(managedEntrySchema), (object.metadata as { managedFields?: unknown }).managedFields);
  return found.success ? found.data : [];
}

/**
 * Fields that a set of FieldsV1 owns and an object does not have: what a server-side apply of the object gives back. As
 * paths in the set's own words, `f:spec.f:loadBalancerIP`.
 */
export function releasedFields(fields: JsonObject, desired: unknown, path = ""): string[] {
  return Object.entries(fields).flatMap(([element, inner]) => {
    const here = path ? `${path}.${element}` : element;
    if (element === ".") return [];
    const value = step(desired, element);
    if (value === undefined) return [here];
    return isObject(inner) ? releasedFields(inner, value, here) : [];
  });
}

/** The part of a value that an element of FieldsV1 names: a field, an item by its keys, or an item by its value. */
function step(value: unknown, element: string): unknown {
  const name = element.slice(2);
  switch (element.slice(0, 2)) {
    case "f:":
      return isObject(value) ? value[name] : undefined;
    case "k:": {
      const keys = parse(name);
      if (!Array.isArray(value) || !isObject(keys)) return undefined;
      return value.find((item) => isObject(item) && Object.entries(keys).every(([key, wanted]) => (item[key] ?? defaultOf(key)) === wanted));
    }
    case "v:":
      return Array.isArray(value) ? value.find((item) => JSON.stringify(item) === name) : undefined;
    default:
      return undefined;
  }
}

/** Keys of list items that have a default may be left out of the object. */
const defaultOf = (key: string): string | undefined => (key === "protocol" ? "TCP" : undefined);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
