import * as z from "zod/mini";
import { FIELD_MANAGER } from "../../render/managed-fields.ts";
import { isObject } from "../json.ts";
import { hasPath, type FieldPath } from "./field-path.ts";
import type { FieldSet } from "./fields-v1.ts";

/** An entry of `metadata.managedFields`. */
const entrySchema = z.looseObject({
  manager: z.optional(z.string()),
  operation: z.optional(z.string()),
  subresource: z.optional(z.string()),
  /** RFC 3339, to the second. */
  time: z.optional(z.string()),
  fieldsV1: z.optional(z.record(z.string(), z.unknown())),
});
export type ManagedEntry = z.infer<typeof entrySchema>;

export function managedEntries(object: { metadata: object }): ManagedEntry[] {
  const found = z.safeParse(z.array(entrySchema), (object.metadata as { managedFields?: unknown }).managedFields);
  return found.success ? found.data : [];
}

export function fieldsOf({ fieldsV1 }: ManagedEntry): FieldSet {
  return isObject(fieldsV1) ? fieldsV1 : {};
}

/** Whether it tells what we applied. */
export function isApplied({ manager, operation, subresource }: ManagedEntry): boolean {
  return manager === FIELD_MANAGER && operation === "Apply" && !subresource;
}

/** Who, other than us, has written a field last; undefined where nobody has it, as after it was deleted. */
export function managerOf(object: { metadata: object }, path: FieldPath): string | undefined {
  const owners = managedEntries(object).filter((entry) => entry.manager !== FIELD_MANAGER && hasPath(fieldsOf(entry), path));
  return owners.sort((a, b) => ((a.time ?? "") > (b.time ?? "") ? -1 : 1))[0]?.manager;
}
