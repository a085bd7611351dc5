import { isObject, type JsonObject } from "../json.ts";
import { isAtomicMap } from "../list-keys.ts";
import { type FieldPath, itemElement } from "./field-path.ts";
import { isDropped, own, sameValue } from "./same-value.ts";

/** A field that is not as it is wanted. */
export interface Difference {
  readonly path: FieldPath;
  /** Undefined where it is to be absent. */
  readonly wanted: unknown;
  /** Undefined where it is absent. */
  readonly live: unknown;
}

/** Metadata that is identity, not wish. */
const IDENTITY: ReadonlySet<string> = new Set(["name", "namespace"]);
/** Lists whose items have keys, and one owner each. */
const ATOMIC_ITEMS: ReadonlySet<string> = new Set(["ownerReferences", "imagePullSecrets"]);

/**
 * Fields of the desired object that the live one has differently. What the desired object does not mention does not
 * count, but for lists and maps that have one owner as a whole.
 */
export function differences(live: JsonObject, desired: JsonObject): Difference[] {
  return Object.entries(desired).flatMap(([field, value]) => {
    if (field === "apiVersion" || field === "kind") return [];
    if (field !== "metadata" || !isObject(value)) return compare([`f:${field}`], field, "", live[field], value);
    const meta = isObject(live[field]) ? live[field] : {};
    return Object.entries(value).flatMap(([key, wanted]) =>
      IDENTITY.has(key) ? [] : compare(["f:metadata", `f:${key}`], key, field, own(meta, key), wanted),
    );
  });
}

/** @param parent the name of the field that holds this one */
function compare(path: FieldPath, field: string, parent: string, live: unknown, wanted: unknown): Difference[] {
  if (isObject(wanted) && !isAtomicMap(field)) return compareMap(path, field, parent, live, wanted);
  if (Array.isArray(wanted) && itemElement(field, {}) !== undefined) return compareItems(path, field, live, wanted.filter(isObject));
  return sameValue(field, parent, wanted, live) ? [] : [{ path, wanted, live }];
}

function compareMap(path: FieldPath, field: string, parent: string, live: unknown, wanted: JsonObject): Difference[] {
  if (!isObject(live)) return isDropped(field, parent, wanted) ? [] : [{ path, wanted, live }];
  return Object.entries(wanted).flatMap(([key, value]) => compare([...path, `f:${key}`], key, field, own(live, key), value));
}

function compareItems(path: FieldPath, field: string, live: unknown, wanted: readonly JsonObject[]): Difference[] {
  const present = new Map((Array.isArray(live) ? live : []).filter(isObject).map((item) => [itemElement(field, item) ?? "", item]));
  const elements = wanted.map((item) => itemElement(field, item) ?? "");
  const found = wanted.flatMap((item, index): Difference[] => {
    const element = elements[index] ?? "";
    const match = present.get(element);
    const here = [...path, element];
    if (!match || ATOMIC_ITEMS.has(field)) return sameValue(field, "", item, match) ? [] : [{ path: here, wanted: item, live: match }];
    return Object.entries(item).flatMap(([key, value]) => compare([...here, `f:${key}`], key, field, own(match, key), value));
  });
  if (found.length > 0) return found;
  // Variables may refer to earlier ones, and containers start one after the other.
  const order = [...present.keys()].filter((element) => elements.includes(element));
  return order.every((element, index) => element === elements[index]) ? [] : [{ path, wanted: elements.map(label), live: order.map(label) }];
}

const label = (element: string): string => Object.values(JSON.parse(element.slice(2)) as JsonObject).join("/");
