import * as z from "zod/mini";
import { type CrdMetadata, crdMetadata } from "./crd-metadata.ts";

/** A field that has this value where it is left out. */
export { _default as withDefault } from "zod/mini";

/** Limits of a text. Lengths count code points, as the API server counts them. */
export interface TextLimits {
  readonly minLength?: number;
  readonly maxLength?: number;
  /** ECMAScript and RE2 read the patterns used here alike. */
  readonly pattern?: string;
  /** What the pattern means, for people. */
  readonly words?: string;
  /** `date-time`: RFC 3339 with a zone. */
  readonly format?: "date-time";
}

const DATE_TIME = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/;

/** A text within limits; the limits also stand in the CRD. */
export function text(limits: TextLimits = {}): z.ZodMiniString<string> {
  const { minLength, maxLength, pattern, words, format } = limits;
  let schema: z.ZodMiniString<string> = z.string();
  if (minLength !== undefined) {
    schema = schema.check(z.refine((value) => value.length >= minLength, `must have at least ${minLength} character(s)`));
  }
  if (maxLength !== undefined) {
    schema = schema.check(z.refine((value) => !isLonger(value, maxLength), `must have at most ${maxLength} characters`));
  }
  if (pattern !== undefined) {
    const expression = new RegExp(pattern);
    schema = schema.check(z.refine((value) => expression.test(value), words ? `must be ${words}` : `must match ${pattern}`));
  }
  if (format !== undefined) {
    schema = schema.check(z.refine((value) => DATE_TIME.test(value), "must be a time such as 2026-01-31T12:00:00Z"));
  }
  crdMetadata.add(schema, facets({ minLength, maxLength, pattern, format }));
  return schema;
}

function isLonger(value: string, limit: number): boolean {
  return value.length > limit && [...value].length > limit;
}

/** A 32-bit integer, by default over the whole range. */
export function int32(minimum?: number, maximum?: number): z.ZodMiniNumber<number> {
  const low = minimum ?? -(2 ** 31);
  const high = maximum ?? 2 ** 31 - 1;
  const schema = z.number().check(
    z.refine((value) => Number.isInteger(value) && value >= low && value <= high, `must be a whole number from ${low} to ${high}`),
  );
  crdMetadata.add(schema, facets({ integer: true, format: "int32", minimum, maximum }));
  return schema;
}

/** A 64-bit integer; beyond 2^53 it is as exact as JavaScript numbers are. */
export function int64(minimum?: number): z.ZodMiniNumber<number> {
  const low = minimum ?? -(2 ** 63);
  const words = minimum === undefined ? "must be a whole number" : `must be a whole number, at least ${minimum}`;
  const schema = z.number().check(z.refine((value) => Number.isInteger(value) && value >= low, words));
  crdMetadata.add(schema, facets({ integer: true, format: "int64", minimum }));
  return schema;
}

/** An integer whose CRD gives no width. */
export function int(words = "a whole number"): z.ZodMiniNumber<number> {
  const schema = z.number().check(z.refine((value) => Number.isInteger(value), `must be ${words}`));
  crdMetadata.add(schema, { integer: true });
  return schema;
}

/** A whole number or a text: target ports and quantities. */
export function intOrString(
  limits: Pick<TextLimits, "pattern" | "words"> = {},
): z.ZodMiniUnion<readonly [z.ZodMiniNumber<number>, z.ZodMiniString<string>]> {
  const schema = z.union([int("a whole number or a text; put other numbers in quotes"), text(limits)]);
  crdMetadata.add(schema, facets({ intOrString: true, pattern: limits.pattern }));
  return schema;
}

export interface ListLimits {
  readonly min?: number;
  readonly max?: number;
  readonly type?: "atomic" | "map";
  /** Fields that together are unique in a list of type `map`. */
  readonly keys?: readonly string[];
}

/** A list within limits. */
export function list<S extends z.ZodMiniType>(item: S, limits: ListLimits = {}): z.ZodMiniArray<S> {
  const { min, max, type, keys } = limits;
  let schema = z.array(item);
  if (min !== undefined) {
    schema = schema.check(z.refine((value: readonly unknown[]) => value.length >= min, `must have at least ${min} item(s)`));
  }
  if (max !== undefined) {
    schema = schema.check(z.refine((value: readonly unknown[]) => value.length <= max, `must have at most ${max} items`));
  }
  if (keys !== undefined) {
    const words = `must not repeat an item (same ${keys.join(", ")})`;
    schema = schema.check(z.refine((value: readonly unknown[]) => areUnique(value, keys), words));
  }
  crdMetadata.add(schema, facets({ minItems: min, maxItems: max, listType: type, listMapKeys: keys }));
  return schema;
}

function areUnique(items: readonly unknown[], keys: readonly string[]): boolean {
  const seen = new Set(items.map((item) => JSON.stringify(keys.map((key) => (item as Record<string, unknown>)[key]))));
  return seen.size === items.length;
}

/** A map of texts, optionally within limits. */
export function textMap(
  value: z.ZodMiniString<string> = z.string(),
  maxProperties?: number,
): z.ZodMiniRecord<z.ZodMiniString<string>, z.ZodMiniString<string>> {
  const schema = z.record(z.string(), value);
  if (maxProperties === undefined) return schema;
  return schema.check(
    z.refine((map) => Object.keys(map).length <= maxProperties, `must have at most ${maxProperties} keys`),
  );
}

type Maybe<T> = { readonly [K in keyof T]?: T[K] | undefined };

function facets(all: Maybe<CrdMetadata>): CrdMetadata {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
