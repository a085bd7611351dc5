import type * as z from "zod/mini";
import type { FieldPath } from "./field-path.ts";

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

/** Puts a zod issue into words that name what is accepted. The value itself is never told: it may be a secret. */
export function describeIssue(issue: z.core.$ZodIssue, root: unknown): { path: FieldPath; message: string } {
  const path = issue.path.filter((part) => typeof part !== "symbol");
  const given = valueAt(root, path);
  switch (issue.code) {
    case "invalid_type":
      return { path, message: wrongType(TYPE_WORDS[issue.expected] ?? `of type ${issue.expected}`, given) };
    case "invalid_value":
      return { path, message: `${given === undefined ? "is required; accepted" : "must be one of"}: ${issue.values.join(", ")}` };
    case "invalid_union":
      return { path, message: wrongType("a whole number or a text", given) };
    case "invalid_key":
      return { path, message: `as a key ${issue.issues[0]?.message ?? "is not accepted"}` };
    default:
      return { path, message: issue.message };
  }
}

function wrongType(wanted: string, given: unknown): string {
  if (given === undefined) return `is required: ${wanted}`;
  const hint = wanted === "a text" && (typeof given === "number" || typeof given === "boolean") ? "; put it in quotes" : "";
  return `must be ${wanted}, not ${nameOf(given)}${hint}`;
}

function nameOf(value: unknown): string {
  if (value === null) return "empty";
  return TYPE_WORDS[Array.isArray(value) ? "array" : typeof value]?.replace("true or false", "a truth value") ?? typeof value;
}

function valueAt(root: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((value, part) => (value as Record<string | number, unknown> | null | undefined)?.[part], root);
}
