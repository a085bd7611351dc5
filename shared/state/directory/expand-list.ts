import type { FieldPath } from "./field-path.ts";

/** One object of a document and where it stands in it. */
export interface Expanded {
  readonly value: unknown;
  readonly path: FieldPath;
}

/** The objects of a document: itself, or the items of a `kind: List` (or `GatewayList` and the like), nested ones too. */
export function expandList(value: unknown, path: FieldPath = []): Expanded[] {
  if (!isList(value)) return [{ value, path }];
  return (value.items ?? []).flatMap((item, index) => expandList(named(item, value), [...path, "items", index]));
}

interface List {
  readonly apiVersion?: unknown;
  readonly kind: string;
  readonly items?: readonly unknown[] | null;
}

function isList(value: unknown): value is List {
  if (typeof value !== "object" || value === null) return false;
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  return typeof kind === "string" && kind.endsWith("List") && (Array.isArray(items) || (kind === "List" && (items ?? null) === null));
}

/** Items of a typed list, as an API server returns it, have neither apiVersion nor kind of their own. */
function named(item: unknown, list: List): unknown {
  if (list.kind === "List" || typeof item !== "object" || item === null || Array.isArray(item)) return item;
  return { apiVersion: list.apiVersion, kind: list.kind.slice(0, -"List".length), ...item };
}
