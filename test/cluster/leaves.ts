import { childOf, isObject, listOf, textOf, type Json, type JsonObject } from "../support/json.ts";
import type { ClusterClient } from "./client.ts";

/** A step into a value: a field, or the item of a list that has these keys. */
export type Step = string | JsonObject;
export type LeafPath = readonly Step[];

/** What a server's OpenAPI says of the fields of its kinds. */
export type Schemas = Readonly<Record<string, JsonObject>>;

export async function readSchemas(client: ClusterClient): Promise<Schemas> {
  const read = async (path: string): Promise<JsonObject> => childOf(childOf((await client.request("GET", path)).body as JsonObject, "components"), "schemas");
  return { ...(await read("/openapi/v3/api/v1")), ...(await read("/openapi/v3/apis/apps/v1")) } as Schemas;
}

export interface Leaf {
  readonly path: LeafPath;
  /** Whether it has one owner as a whole; else it holds fields that have. */
  readonly isWhole: boolean;
}

/** Every field of an object that has an owner of its own, as the server's schema says, and every map, list and item on the way. */
export function leavesOf(schemas: Schemas, kind: string, object: JsonObject): Leaf[] {
  const name = Object.keys(schemas).find((one) => one.endsWith(`.v1.${kind}`)) ?? "";
  const found: Leaf[] = [];
  const walk = (schema: JsonObject, value: Json, path: LeafPath): void => {
    const isKeyed = schema["x-kubernetes-list-type"] === "map";
    const isWhole = Array.isArray(value) ? !isKeyed : !isObject(value) || schema["x-kubernetes-map-type"] === "atomic";
    if (path.length > 0) found.push({ path, isWhole });
    if (isWhole) return;
    const keys = listOf(schema, "x-kubernetes-list-map-keys");
    if (Array.isArray(value)) {
      const items = resolve(schemas, childOf(schema, "items"));
      for (const item of value.filter(isObject)) walk(items, item, [...path, keysOf(keys, item)]);
      return;
    }
    if (!isObject(value)) return;
    const properties = childOf(schema, "properties");
    for (const [field, inner] of Object.entries(value)) {
      const own = properties[field] ?? schema["additionalProperties"];
      walk(resolve(schemas, isObject(own) ? own : {}), inner, [...path, field]);
    }
  };
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = object;
  const { name: _name, namespace: _namespace, ...meta } = isObject(metadata) ? metadata : {};
  walk(resolve(schemas, { $ref: name }), { metadata: meta, ...rest }, []);
  return found;
}

export function resolve(schemas: Schemas, schema: JsonObject): JsonObject {
  const base = listOf(schema, "allOf").find(isObject);
  const reference = textOf(base ?? schema, "$ref");
  return reference ? { ...schemas[reference.split("/").at(-1) ?? ""], ...schema } : schema;
}

function keysOf(keys: readonly Json[], item: JsonObject): JsonObject {
  return Object.fromEntries(keys.map((key) => [String(key), item[String(key)] ?? "TCP"]));
}

export function valueAt(value: Json | undefined, path: LeafPath): Json | undefined {
  return path.reduce<Json | undefined>((inner, step) => {
    if (typeof step !== "string") return Array.isArray(inner) ? inner.find((item) => hasKeys(item, step)) : undefined;
    return isObject(inner) ? inner[step] : undefined;
  }, value);
}

/** A copy with another value at a path; undefined takes it out. */
export function withValue(value: Json, [step, ...rest]: LeafPath, replacement: Json | undefined): Json {
  if (step === undefined) return replacement ?? null;
  if (typeof step === "string") {
    const { [step]: inner, ...others } = isObject(value) ? value : {};
    if (rest.length === 0 && replacement === undefined) return others;
    return { ...(isObject(value) ? value : {}), [step]: withValue(inner ?? null, rest, replacement) };
  }
  if (!Array.isArray(value)) return value;
  return value.flatMap((item) => {
    if (!hasKeys(item, step)) return [item];
    return rest.length === 0 && replacement === undefined ? [] : [withValue(item, rest, replacement)];
  });
}

function hasKeys(item: Json, keys: JsonObject): boolean {
  return isObject(item) && Object.entries(keys).every(([key, value]) => (item[key] ?? "TCP") === value);
}

export function leafText(path: LeafPath): string {
  return path.map((step) => (typeof step === "string" ? `.${step}` : `[${Object.values(step).join("/")}]`)).join("").slice(1);
}

const TEXTS = ["Always", "IfNotPresent", "None", "NodePort", "ClusterIP", "LoadBalancer", "Cluster", "HTTPS", "File", "Unconfined", "198.51.100.9", "Ignore", "1", "2Gi", "limits.memory", "metadata.name"];

/** Other values that a field may be given, the likeliest to be accepted first. */
export function othersThan(value: Json | undefined): Json[] {
  if (typeof value === "string") return [`${value}x`, `x${value}`, `${value}.x`, ...TEXTS].filter((one) => one !== value);
  if (typeof value === "number") return [value + 1, value + 2, 1].filter((one) => one !== value);
  if (typeof value === "boolean") return [!value];
  if (Array.isArray(value)) return [[...value].reverse(), value.slice(0, -1), ...(value.length === 0 ? [] : [[...value, value[0] ?? null]]), [...value, "x"]];
  if (!isObject(value)) return [];
  if (Object.keys(value).length === 0) return [{ matchLabels: { x: "y" } }];
  return Object.entries(value).flatMap(([key, inner]) => othersThan(inner).map((other) => ({ ...value, [key]: other })));
}
