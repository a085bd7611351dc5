import { isObject, type Json, type JsonObject } from "../json.ts";

/**
 * Sets of fields as `metadata.managedFields` writes them (FieldsV1): `f:name` for a field, `k:{…}` for an item of a list by
 * its keys, `v:…` for an item by its value. An element is in the set itself where it holds nothing, or `.`; else only
 * what it holds is.
 */
export type FieldSet = JsonObject;

/** Whether the element with this content is in the set itself. */
export function isMember(content: FieldSet): boolean {
  return "." in content || Object.keys(content).length === 0;
}

export function childrenOf(content: FieldSet): [string, FieldSet][] {
  return Object.entries(content).filter((entry): entry is [string, FieldSet] => entry[0] !== "." && isObject(entry[1]));
}

/** Content of an element; undefined where neither it nor anything in it is in the set. */
function contentOf(member: boolean, children: readonly (readonly [string, FieldSet | undefined])[]): FieldSet | undefined {
  const kept = children.filter((child): child is [string, FieldSet] => child[1] !== undefined);
  if (kept.length === 0) return member ? {} : undefined;
  return Object.fromEntries<Json | undefined>([...(member ? [[".", {}] as const] : []), ...kept]);
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const merged = new Map(childrenOf(a));
  for (const [element, content] of childrenOf(b)) {
    const known = merged.get(element);
    merged.set(element, known ? (contentOf(isMember(known) || isMember(content), childrenOf(union(known, content))) ?? {}) : content);
  }
  return Object.fromEntries(merged);
}

/** What is in `a` and not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return rest(a, b, (content, other) => contentOf(isMember(content) && !isMember(other), childrenOf(difference(content, other))));
}

/** What of `a` is neither in `b` nor inside of something that is. */
export function without(a: FieldSet, b: FieldSet): FieldSet {
  return rest(a, b, (content, other) => (isMember(other) ? undefined : contentOf(isMember(content), childrenOf(without(content, other)))));
}

function rest(a: FieldSet, b: FieldSet, both: (content: FieldSet, other: FieldSet) => FieldSet | undefined): FieldSet {
  const others = new Map(childrenOf(b));
  const kept = childrenOf(a).map(([element, content]) => {
    const other = others.get(element);
    return [element, other ? both(content, other) : content] as const;
  });
  return contentOf(false, kept) ?? {};
}

/** The part of a set under a path of elements, with that path. */
export function under(fields: FieldSet, [first = "", ...path]: readonly string[]): FieldSet {
  const content = fields[first];
  if (!isObject(content)) return {};
  if (path.length === 0) return { [first]: content };
  const inner = under(content, path);
  return isEmpty(inner) ? {} : { [first]: inner };
}

/** The part of a set that an object has values for. */
export function present(fields: FieldSet, value: unknown): FieldSet {
  const kept = childrenOf(fields).map(([element, content]) => {
    const inner = valueAt(value, element);
    return [element, inner === undefined ? undefined : contentOf(isMember(content), childrenOf(present(content, inner)))] as const;
  });
  return contentOf(false, kept) ?? {};
}

/**
 * As a server-side apply would own it: of fields that hold others the others alone. Who owns a map itself takes it away
 * from everybody when it is not wanted any more.
 */
export function appliedSet(fields: FieldSet): FieldSet {
  return Object.fromEntries(
    childrenOf(fields).map(([element, content]) => {
      const children = childrenOf(appliedSet(content));
      return [element, contentOf(children.length === 0 || (isMember(content) && !element.startsWith("f:")), children) ?? {}];
    }),
  );
}

/** Paths of the outermost elements of a set that an object has no value for. */
export function missing(fields: FieldSet, value: unknown, path: readonly string[] = []): string[][] {
  return childrenOf(fields).flatMap(([element, content]) => {
    const here = [...path, element];
    const inner = valueAt(value, element);
    return inner === undefined ? [here] : missing(content, inner, here);
  });
}

export function isEmpty(fields: FieldSet): boolean {
  return childrenOf(fields).length === 0;
}

/** The part of a value that an element names. */
export function valueAt(value: unknown, element: string): unknown {
  const name = element.slice(2);
  switch (element.slice(0, 2)) {
    case "f:":
      return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    case "k:": {
      const keys = parse(name);
      return Array.isArray(value) && isObject(keys) ? value.find((item) => hasKeys(item, keys)) : undefined;
    }
    case "v:":
      return Array.isArray(value) ? value.find((item) => JSON.stringify(item) === name) : undefined;
    default:
      return undefined;
  }
}

function hasKeys(item: unknown, keys: JsonObject): boolean {
  return isObject(item) && Object.entries(keys).every(([key, value]) => (item[key] ?? (key === "protocol" ? "TCP" : undefined)) === value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
