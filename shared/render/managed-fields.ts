import * as z from "zod/mini";
import type { ObjectMeta } from "../resources/meta.ts";

/** Under this name, or one that starts with it, we write to the API server. */
export const FIELD_MANAGER = "stunner-serverless";

const entrySchema = z.looseObject({
  manager: z.optional(z.string()),
  fieldsV1: z.optional(z.looseObject({ "f:status": z.optional(z.looseObject({ "f:conditions": z.optional(z.looseObject({})) })) })),
});

/** Whether managedFields say that we wrote this status condition last (improvements I9). */
export function wroteCondition(metadata: ObjectMeta, type: string): boolean {
  const entries = z.safeParse(z.array(entrySchema), metadata["managedFields"]);
  if (!entries.success) return false;
  const key = `k:${JSON.stringify({ type })}`;
  return entries.data.some(
    ({ manager, fieldsV1 }) => manager?.startsWith(FIELD_MANAGER) && Object.hasOwn(fieldsV1?.["f:status"]?.["f:conditions"] ?? {}, key),
  );
}
