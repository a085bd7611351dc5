import * as fc from "fast-check";

/** A structural schema as a CRD has it. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
}

type Mapping = Record<string, unknown>;

/** Values that an API server with this schema accepts (CEL rules apart), fields that it does not know among them. */
export function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema["x-kubernetes-int-or-string"]) return fc.oneof(fc.integer(), textOf(schema));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case "object":
      return schema.additionalProperties ? mapOf(schema, schema.additionalProperties) : objectOf(schema);
    case "array":
      return listOf(schema);
    case "integer":
      return integerOf(schema);
    case "boolean":
      return fc.boolean();
    default:
      return textOf(schema);
  }
}

function objectOf({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, valuesOf(field)]));
  const known = fc.record(fields, { requiredKeys: [...required] });
  const unknown = fc.dictionary(fc.stringMatching(/^x-[a-z]{1,4}$/), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 1 });
  return fc.tuple(known, fc.option(unknown, { freq: 8 })).map(([own, foreign]) => ({ ...own, ...foreign }));
}

function mapOf({ maxProperties = 4 }: Schema, value: Schema): fc.Arbitrary<unknown> {
  const key = fc.stringMatching(/^[a-z]{1,8}(\.[a-z]{1,4}\/[a-z]{1,4})?$/);
  return fc.dictionary(key, valuesOf(value), { maxKeys: Math.min(maxProperties, 4) });
}

function listOf(schema: Schema): fc.Arbitrary<unknown> {
  const { items = {}, minItems = 0, maxItems = 100 } = schema;
  const keys = schema["x-kubernetes-list-map-keys"];
  const item = valuesOf(items);
  const upTo = (longest: number): fc.Arbitrary<unknown> => {
    const limits = { minLength: minItems, maxLength: Math.max(minItems, longest), size: "max" } as const;
    if (!keys) return fc.array(item, limits);
    return fc.uniqueArray(item, { ...limits, selector: (one) => JSON.stringify(keys.map((key) => keyValue(one, key, items))) });
  };
  // Mostly short ones, now and then as long as may be.
  return fc.oneof({ weight: 100, arbitrary: upTo(Math.min(maxItems, 2)) }, { weight: 1, arbitrary: upTo(Math.min(maxItems, 32)) });
}

function keyValue(item: unknown, key: string, { properties = {} }: Schema): unknown {
  return (item as Mapping)[key] ?? properties[key]?.default;
}

function integerOf({ minimum, maximum, format }: Schema): fc.Arbitrary<unknown> {
  const wide = format === "int64" ? Number.MAX_SAFE_INTEGER : 2 ** 31 - 1;
  const limits = { min: minimum ?? -wide, max: maximum ?? wide };
  return limits.max > 2 ** 31 ? fc.maxSafeInteger().filter((value) => value >= limits.min) : fc.integer(limits);
}

function textOf({ pattern, format, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: Schema): fc.Arbitrary<unknown> {
  const fits = (text: string): boolean => [...text].length >= minLength && [...text].length <= maxLength;
  if (format === "date-time") {
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("2100-01-01") }).map((date) => date.toISOString());
  }
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern)).filter(fits);
  const limits = { minLength, maxLength: Math.min(maxLength, 20) };
  const longest = maxLength < 300 ? [fc.constant("\u{1F4DE}".repeat(maxLength))] : [];
  return fc.oneof({ weight: 20, arbitrary: fc.string({ unit: "grapheme", ...limits }).filter(fits) }, ...longest);
}
