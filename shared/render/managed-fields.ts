import * as z from "zod/mini";
import { CONTROLLER_NAME } from "../resources/constants.ts";
import type { ObjectMeta } from "../resources/meta.ts";

/** Under this name, or for statuses one that starts with it, we write to the API server. */
export const FIELD_MANAGER = "stunner-serverless";

/** API servers take so many characters. */
const LONGEST_MANAGER = 128;

/** Under this name statuses are written: two installations in one cluster tell theirs apart by their controllers. */
export function statusManager(controllerName: string): string {
  return controllerName === CONTROLLER_NAME ? FIELD_MANAGER : `${FIELD_MANAGER}:${controllerName}`.slice(0, LONGEST_MANAGER);
}

const entrySchema = z.looseObject({
  manager: z.optional(z.string()),
  fieldsV1: z.optional(z.looseObject({ "f:status": z.optional(z.looseObject({ "f:conditions": z.optional(z.looseObject({})) })) })),
});

/** Whether managedFields say that we, as this controller, wrote this status condition last (improvements I9). */
export function wroteCondition(metadata: ObjectMeta, type: string, controllerName: string): boolean {
  const entries = z.safeParse(z.array(entrySchema), metadata["managedFields"]);
  if (!entries.success) return false;
  const ours = statusManager(controllerName);
  const key = `k:${JSON.stringify({ type })}`;
  return entries.data.some(
    ({ manager, fieldsV1 }) => manager === ours && Object.hasOwn(fieldsV1?.["f:status"]?.["f:conditions"] ?? {}, key),
  );
}
