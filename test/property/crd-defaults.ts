import type { Schema } from "./crd-values.ts";

/** What an API server with this schema makes of a value: absent fields that have a default get it, at every depth. */
export function withDefaults(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) return value.map((item) => withDefaults(item, schema.items ?? {}));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, one]) => [name, withDefaults(one, fieldOf(schema, name))]);
  const absent = Object.entries(schema.properties ?? {})
    .filter(([name, field]) => field.default !== undefined && !Object.hasOwn(value, name))
    .map(([name, field]) => [name, withDefaults(field.default, field)]);
  return Object.fromEntries([...entries, ...absent]);
}

function fieldOf(schema: Schema, name: string): Schema {
  return (schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : schema.additionalProperties) ?? {};
}
