import { PreconditionFailed } from "./errors.ts";

/** A condition of ObjectStore.put or delete. */
export interface Condition {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: "*" | undefined;
}

/** Writes over what was read, and over nothing else. @param etag undefined: nothing was there */
export function overRead(etag: string | undefined): { ifMatch: string } | { ifNoneMatch: "*" } {
  return etag === undefined ? { ifNoneMatch: "*" } : { ifMatch: etag };
}

/** Whether a condition asks for anything. */
export function isConditional(condition: Condition): boolean {
  return condition.ifMatch !== undefined || condition.ifNoneMatch !== undefined;
}

/**
 * @param present entity tag of the object as it is; undefined: absent
 * @throws {PreconditionFailed}
 */
export function checkCondition(key: string, condition: Condition, present: string | undefined): void {
  const created = condition.ifNoneMatch !== undefined && present !== undefined;
  const replaced = condition.ifMatch !== undefined && condition.ifMatch !== present;
  if (created || replaced) throw new PreconditionFailed(key);
}
