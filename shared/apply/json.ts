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
  if (Array.isArray(one) || Array.isArray(other)) {
    return (
      Array.isArray(one) && Array.isArray(other) && one.length === other.length && one.every((item, i) => sameJson(item, other[i]))
    );
  }
  if (!isObject(one) || !isObject(other)) return false;
  const isIn = Object.keys(one).every((field) => sameJson(one[field], other[field]));
  return isIn && Object.keys(other).every((field) => Object.hasOwn(one, field) || other[field] === undefined);
}
