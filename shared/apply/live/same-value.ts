import { isObject, type JsonObject } from "../json.ts";
import { sameQuantity } from "./quantity.ts";

/** Fields that hold a resource quantity, and maps of them. */
const QUANTITIES: ReadonlySet<string> = new Set(["sizeLimit", "divisor"]);
const QUANTITY_MAPS: ReadonlySet<string> = new Set(["limits", "requests"]);
/** Maps whose keys are anybody's: an empty text in them is kept, and they themselves are dropped where they are empty. */
const FREE_MAPS: ReadonlySet<string> = new Set(["labels", "annotations", "matchLabels", "nodeSelector", "selector", "data", "binaryData"]);
/** Fields of which an API server drops `false`; in others it is kept, and its absence means something else. */
const FALSE_DROPPED: ReadonlySet<string> = new Set(["hostNetwork", "hostPID", "hostIPC", "publishNotReadyAddresses", "readOnly", "stdin", "stdinOnce", "tty"]);
/** Fields of which it drops a 0. */
const ZERO_DROPPED: ReadonlySet<string> = new Set(["initialDelaySeconds", "hostPort", "nodePort"]);
/** What an API server adds to values that have one owner as a whole, by the field they stand in. */
const DEFAULTS: Readonly<Record<string, JsonObject>> = { fieldRef: { apiVersion: "v1" }, resourceFieldRef: { divisor: "0" } };

/**
 * Whether a value is live as it is wanted, as a whole, but for what an API server makes of it: it rewrites quantities,
 * drops what is empty and fills in defaults (spec/resources.md 3.4).
 * @param field the name of the field; of an item, that of its list
 * @param parent the name of the field that holds it
 */
export function sameValue(field: string, parent: string, wanted: unknown, live: unknown): boolean {
  if (Object.is(wanted, live)) return true;
  if (live === undefined || live === null) return isDropped(field, parent, wanted);
  if (Array.isArray(wanted) && Array.isArray(live)) {
    return wanted.length === live.length && wanted.every((item, index) => sameValue(field, parent, item, live[index]));
  }
  if (isObject(wanted) && isObject(live)) {
    const defaults = own(DEFAULTS, field) ?? {};
    const isExtra = (key: string): boolean => own(wanted, key) === undefined && live[key] !== own(defaults, key);
    return Object.entries(wanted).every(([key, value]) => sameValue(key, field, value, own(live, key))) && !Object.keys(live).some(isExtra);
  }
  return isQuantity(field, parent) && isText(wanted) && isText(live) && sameQuantity(wanted, live);
}

/** Whether an API server leaves a field away that has this value, or whether that means the same. */
export function isDropped(field: string, parent: string, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (value === "") return !FREE_MAPS.has(parent);
  if (value === false) return FALSE_DROPPED.has(field);
  if (value === 0) return ZERO_DROPPED.has(field);
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0 && (FREE_MAPS.has(field) || QUANTITY_MAPS.has(field));
}

/** Keys of users may be called as what every object has. */
export function own<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function isQuantity(field: string, parent: string): boolean {
  return QUANTITIES.has(field) || QUANTITY_MAPS.has(parent);
}

const isText = (value: unknown): value is string | number => typeof value === "string" || typeof value === "number";
