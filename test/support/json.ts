/** A value that JSON can hold. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A copy without identity, without `undefined` and without anything that JSON cannot hold. */
export function toJson(value: unknown): Json {
  const text = JSON.stringify(value, (_key, part: unknown) =>
    part instanceof Map ? Object.fromEntries(part) : part instanceof Set ? [...part] : part,
  );
  return (text === undefined ? null : JSON.parse(text)) as Json;
}

export function toJsonObject(value: unknown): JsonObject {
  const json = toJson(value);
  if (!isObject(json)) throw new TypeError(`an object was expected, got ${JSON.stringify(json)}`);
  return json;
}

/** The object under `key`, or a new empty one that is not part of `parent`. */
export function childOf(parent: JsonObject | undefined, key: string): JsonObject {
  const value = parent?.[key];
  return isObject(value) ? value : {};
}

export function listOf(parent: JsonObject | undefined, key: string): Json[] {
  const value = parent?.[key];
  return Array.isArray(value) ? value : [];
}

export function textOf(parent: JsonObject | undefined, key: string): string {
  const value = parent?.[key];
  return typeof value === "string" ? value : "";
}

/** Whether two values are equal, the order of keys aside. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b));
}

/** JSON text with sorted keys. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, part: Json) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}
