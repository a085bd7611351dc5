import * as z from "zod/mini";

/** A CEL rule of a CRD (`x-kubernetes-validations`). */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
}

/**
 * What the CRD generator must know of a schema and zod cannot tell by itself. Written where the field is defined, so
 * that a field's type, check, default and description stand in one place; nothing reads it while objects are parsed.
 */
export interface CrdMetadata {
  readonly description?: string;
  /** Whole-text name of `format`: `int32`, `int64`, `date-time`. */
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly integer?: true;
  /** A number or a text, as quantities and target ports are. */
  readonly intOrString?: true;
  readonly listType?: "atomic" | "map";
  readonly listMapKeys?: readonly string[];
  readonly mapType?: "atomic";
  readonly rules?: readonly CelRule[];
  /** Only some of the fields are listed: an unknown one is nothing to warn of. */
  readonly partial?: true;
}

/** Metadata by schema. A schema made by `doc` inherits what its origin has. */
export const crdMetadata = z.registry<CrdMetadata>();

/** The same schema with a description, and further metadata, for the CRD. */
export function doc<S extends z.ZodMiniType>(description: string, schema: S, more: CrdMetadata = {}): S {
  return annotated(schema, { description, ...more });
}

/** The same schema, marked as one that lists only some of its fields. */
export function partial<S extends z.ZodMiniType>(schema: S): S {
  return annotated(schema, { partial: true });
}

function annotated<S extends z.ZodMiniType>(schema: S, metadata: CrdMetadata): S {
  const copy = schema.clone(schema.def, { parent: true });
  crdMetadata.add(copy, metadata);
  return copy;
}
