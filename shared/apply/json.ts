/** A value as JSON and YAML know it. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [field: string]: Json | undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether two JSON values are the same, whatever the order of their fields; a field that is undefined is absent. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (Array.isArray(one) || Array.isArray(other)) return Array.isArray(one) && Array.isArray(other) && sameItems(one, other);
  return isObject(one) && isObject(other) && sameFields(one, other);
}

// Loops, since each pass compares all that is wanted with what was wanted before: closures take twice as long.
function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i += 1) if (!sameJson(one[i], other[i])) return false;
  return true;
}

function sameFields(one: JsonObject, other: JsonObject): boolean {
  for (const field in one) if (!sameJson(one[field], other[field])) return false;
  for (const field in other) if (other[field] !== undefined && !Object.hasOwn(one, field)) return false;
  return true;
}
