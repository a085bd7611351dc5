import type * as z from "zod/mini";

/** A schema as those see it who go along it: the CRD generator and the directory source. */
export type SchemaView =
  | { readonly type: "object"; readonly fields: Readonly<Record<string, z.ZodMiniType>> }
  | { readonly type: "list"; readonly item: z.ZodMiniType }
  | { readonly type: "map"; readonly value: z.ZodMiniType }
  | { readonly type: "optional"; readonly inner: z.ZodMiniType }
  | { readonly type: "default"; readonly inner: z.ZodMiniType; readonly value: unknown }
  | { readonly type: "nullable"; readonly inner: z.ZodMiniType }
  | { readonly type: "choice"; readonly values: readonly unknown[] }
  | { readonly type: "text" }
  | { readonly type: "number" }
  | { readonly type: "truth" }
  | { readonly type: "mixed" };

/** The definitions that the schemas here are made of, as zod keeps them. */
type Definition =
  | { type: "object"; shape: Readonly<Record<string, z.ZodMiniType>> }
  | { type: "array"; element: z.ZodMiniType }
  | { type: "record"; valueType: z.ZodMiniType }
  | { type: "optional" | "nullable"; innerType: z.ZodMiniType }
  | { type: "default"; innerType: z.ZodMiniType; defaultValue: unknown }
  | { type: "enum"; entries: Readonly<Record<string, string>> }
  | { type: "literal"; values: readonly unknown[] }
  | { type: "string" | "number" | "boolean" | "union" };

/** Looks at the outermost layer of a schema. */
export function viewOf(schema: z.ZodMiniType): SchemaView {
  const definition = schema.def as unknown as Definition;
  switch (definition.type) {
    case "object":
      return { type: "object", fields: definition.shape };
    case "array":
      return { type: "list", item: definition.element };
    case "record":
      return { type: "map", value: definition.valueType };
    case "optional":
      return { type: "optional", inner: definition.innerType };
    case "nullable":
      return { type: "nullable", inner: definition.innerType };
    case "default":
      return { type: "default", inner: definition.innerType, value: definition.defaultValue };
    case "enum":
      return { type: "choice", values: Object.values(definition.entries) };
    case "literal":
      return { type: "choice", values: definition.values };
    case "string":
      return { type: "text" };
    case "number":
      return { type: "number" };
    case "boolean":
      return { type: "truth" };
    case "union":
      return { type: "mixed" };
  }
}
