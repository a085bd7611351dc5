import type * as z from "zod/mini";
import { type CrdMetadata, crdMetadata } from "../../shared/resources/crd-metadata.ts";
import { viewOf } from "../../shared/resources/schema-view.ts";

/** A structural schema of a CRD (`openAPIV3Schema`). */
export interface OpenApiSchema {
  readonly [keyword: string]: unknown;
}

/** Turns a schema of shared/resources into the structural schema of a CRD. Throws where a field has no description. */
export function openApiOf(schema: z.ZodMiniType, path: string): OpenApiSchema {
  const metadata = crdMetadata.get(schema) ?? {};
  const view = viewOf(schema);
  switch (view.type) {
    case "optional":
    case "nullable":
      return { ...openApiOf(view.inner, path), ...keywords(metadata) };
    case "default":
      return { ...openApiOf(view.inner, path), ...keywords(metadata), default: view.value };
    case "object":
      return { type: "object", ...objectOf(view.fields, path), ...keywords(metadata) };
    case "list":
      return { type: "array", items: openApiOf(view.item, `${path}[]`), ...keywords(metadata) };
    case "map":
      return { type: "object", additionalProperties: openApiOf(view.value, `${path}{}`), ...keywords(metadata) };
    case "choice":
      return { type: "string", enum: view.values, ...keywords(metadata) };
    case "text":
      return { type: "string", ...keywords(metadata) };
    case "number":
      return { type: "integer", ...keywords(metadata) };
    case "truth":
      return { type: "boolean", ...keywords(metadata) };
    case "mixed":
      return { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true, ...keywords(metadata) };
  }
}

function objectOf(fields: Readonly<Record<string, z.ZodMiniType>>, path: string): OpenApiSchema {
  const names = Object.keys(fields).sort();
  const properties = Object.fromEntries(names.map((name) => [name, described(fieldOf(fields, name), `${path}.${name}`)]));
  const required = names.filter((name) => !["optional", "default"].includes(viewOf(fieldOf(fields, name)).type));
  return { properties, ...(required.length > 0 ? { required } : {}) };
}

function fieldOf(fields: Readonly<Record<string, z.ZodMiniType>>, name: string): z.ZodMiniType {
  const field = fields[name];
  if (!field) throw new Error(`no field ${name}`);
  return field;
}

function described(schema: z.ZodMiniType, path: string): OpenApiSchema {
  const openApi = openApiOf(schema, path);
  if (typeof openApi["description"] !== "string") throw new Error(`${path} has no description: give it one with doc()`);
  return openApi;
}

/** Metadata under the names that a CRD has for it. */
function keywords(metadata: CrdMetadata): OpenApiSchema {
  const { integer: _, partial: __, intOrString: ___, listType, listMapKeys, mapType, rules, ...same } = metadata;
  return {
    ...same,
    ...(listType === undefined ? {} : { "x-kubernetes-list-type": listType }),
    ...(listMapKeys === undefined ? {} : { "x-kubernetes-list-map-keys": listMapKeys }),
    ...(mapType === undefined ? {} : { "x-kubernetes-map-type": mapType }),
    ...(rules === undefined ? {} : { "x-kubernetes-validations": rules }),
  };
}
