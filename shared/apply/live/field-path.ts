import { isObject, sameJson, type JsonObject } from "../json.ts";
import { keyNames, keyValue } from "../list-keys.ts";
import { childrenOf } from "./fields-v1.ts";

/**
 * A path to a field in the words of FieldsV1, `f:spec`, `k:{"port":80,"protocol":"TCP"}`: the same that
 * `metadata.managedFields` uses.
 */
export type FieldPath = readonly string[];

/** The element for an item of a list whose items have keys; undefined where the list is one value. */
export function itemElement(list: string, item: JsonObject): string | undefined {
  // An API server tells owners apart by UID alone.
  const names = list === "ownerReferences" ? ["uid"] : keyNames(list, item);
  return names && `k:${JSON.stringify(Object.fromEntries(names.map((name) => [name, keyValue(item, name)])))}`;
}

/** For people: `spec.ports[80/TCP].targetPort`, `metadata.annotations[a.b/c]`. */
export function fieldText(path: FieldPath): string {
  return path.map(elementText).join("").replace(/^\./, "");
}

function elementText(element: string): string {
  const name = element.slice(2);
  if (element.startsWith("f:")) return /^[\w-]+$/.test(name) ? `.${name}` : `[${name}]`;
  const keys: unknown = element.startsWith("k:") ? JSON.parse(name) : undefined;
  return `[${isObject(keys) ? Object.values(keys).join("/") : name}]`;
}

/** Whether a set has the field at a path, something in it, or something that it is a part of. */
export function hasPath(fields: JsonObject, [first, ...rest]: FieldPath): boolean {
  if (first === undefined) return true;
  const content = childrenOf(fields).find(([element]) => sameElement(element, first))?.[1];
  // What holds nothing is owned as a whole.
  return content !== undefined && (Object.keys(content).length === 0 || hasPath(content, rest));
}

/** Servers write the keys of an item in an order of their own. */
function sameElement(a: string, b: string): boolean {
  if (a === b || !a.startsWith("k:") || !b.startsWith("k:")) return a === b;
  return sameJson(JSON.parse(a.slice(2)), JSON.parse(b.slice(2)));
}
