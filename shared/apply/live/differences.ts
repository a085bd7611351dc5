import { isObject, sameJson, type JsonObject } from "../json.ts";
import { isAtomicMap, itemKey } from "../list-keys.ts";
import { sameQuantity } from "./quantity.ts";

/** A field that is not as we want it. */
export interface Difference {
  /** `spec.ports[80/TCP].targetPort`. */
  readonly field: string;
  readonly wanted: unknown;
  /** Undefined where it is absent. */
  readonly live: unknown;
}

/** Metadata that is identity, not wish. */
const IDENTITY: ReadonlySet<string> = new Set(["name", "namespace"]);
/** Maps of resource quantities. */
const QUANTITIES: ReadonlySet<string> = new Set(["limits", "requests"]);

/**
 * Fields of the desired object that the live one has differently. What the desired object does not mention does not
 * count, but for lists and maps that have one owner as a whole.
 */
export function differences(live: JsonObject, desired: JsonObject): Difference[] {
  const found: Difference[] = [];
  for (const [field, value] of Object.entries(desired)) {
    if (field === "apiVersion" || field === "kind") continue;
    if (field !== "metadata") compare(found, field, field, live[field], value);
    else if (isObject(value)) {
      const meta = isObject(live[field]) ? live[field] : {};
      for (const [key, wanted] of Object.entries(value)) {
        if (!IDENTITY.has(key)) compare(found, `metadata.${key}`, key, meta[key], wanted);
      }
    }
  }
  return found;
}

function compare(found: Difference[], path: string, field: string, live: unknown, wanted: unknown): void {
  if (isEmpty(wanted) && (live === undefined || isEmpty(live))) return;
  if (isObject(wanted) && !isAtomicMap(field)) {
    const present = isObject(live) ? live : {};
    for (const [key, value] of Object.entries(wanted)) {
      const isQuantity = QUANTITIES.has(field) && isText(value) && isText(present[key]) && sameQuantity(value, present[key]);
      if (!isQuantity) compare(found, `${path}.${key}`, key, present[key], value);
    }
  } else if (Array.isArray(wanted) && itemKey(field)) {
    compareItems(found, path, field, Array.isArray(live) ? live : [], wanted);
  } else if (!sameJson(live, wanted) && !(isDefaulted(field) && within(wanted, live))) {
    found.push({ field: path, wanted, live });
  }
}

function compareItems(found: Difference[], path: string, field: string, live: readonly unknown[], wanted: readonly unknown[]): void {
  const keyOf = itemKey(field);
  if (!keyOf) return;
  const present = new Map(live.filter(isObject).map((item) => [keyOf(item), item]));
  for (const item of wanted.filter(isObject)) {
    const key = keyOf(item);
    const name = `${path}[${(JSON.parse(key) as unknown[]).join("/")}]`;
    const match = present.get(key);
    if (!match) found.push({ field: name, wanted: item, live: undefined });
    else for (const [name_, value] of Object.entries(item)) compare(found, `${name}.${name_}`, name_, match[name_], value);
  }
}

/** Atomic values inside which the API server fills in defaults: `fieldRef` gets an apiVersion. */
function isDefaulted(field: string): boolean {
  return field === "fieldRef" || field === "resourceFieldRef";
}

function within(wanted: unknown, live: unknown): boolean {
  return isObject(wanted) && isObject(live) && Object.entries(wanted).every(([key, value]) => sameJson(value, live[key]));
}

const isText = (value: unknown): value is string | number => typeof value === "string" || typeof value === "number";

function isEmpty(value: unknown): boolean {
  return value !== undefined && (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0);
}
