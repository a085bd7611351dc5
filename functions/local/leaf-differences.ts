import { isObject, sameJson } from "../../shared/apply/json.ts";

/** A value that is not as it is wanted. Undefined: absent. */
export interface LeafDifference {
  /** `spec.ports[udp].targetPort`. */
  readonly field: string;
  readonly live: unknown;
  readonly wanted: unknown;
}

export interface LeafOptions {
  /** Where the values stand. */
  readonly at?: string;
  /** Whether what only the live value has counts: yes for what is replaced as a whole. */
  readonly isWhole?: boolean;
}

/** What differs, down to texts, numbers and lists of them. Times of conditions do not count: they follow from the rest. */
export function leafDifferences(live: unknown, wanted: unknown, { at = "", isWhole = false }: LeafOptions = {}): LeafDifference[] {
  if (sameJson(live, wanted)) return [];
  const [one, other] = [partsOf(live, wanted), partsOf(wanted, live)];
  if (!one || !other) return [{ field: at, live, wanted }];
  const keys = isWhole ? new Set([...other.keys(), ...one.keys()]) : other.keys();
  return [...keys].flatMap((key) => leafDifferences(one.get(key), other.get(key), { at: `${at}${key}`.replace(/^\./, ""), isWhole }));
}

/** The fields of an object or the items of a list, by what comes behind the path; undefined where the value is one. */
function partsOf(value: unknown, counterpart: unknown): ReadonlyMap<string, unknown> | undefined {
  if (value === undefined && counterpart !== undefined) return partsOf(counterpart, counterpart) && new Map();
  if (isObject(value)) {
    return new Map(Object.entries(value).flatMap(([key, part]) => (key === "lastTransitionTime" ? [] : [[/^[\w-]+$/.test(key) ? `.${key}` : `[${key}]`, part]])));
  }
  if (!Array.isArray(value) || !value.some(isObject)) return undefined;
  return new Map(value.map((item: unknown, index) => [`[${isObject(item) ? (nameOf(item) ?? index) : index}]`, item]));
}

/** What tells an item of a list from the others. */
function nameOf(item: Readonly<Record<string, unknown>>): string | undefined {
  const { type, name, parentRef, controllerName, port, protocol } = item;
  if (isObject(parentRef)) return [parentRef["namespace"], parentRef["name"], parentRef["sectionName"], controllerName].filter(Boolean).join("/");
  if (port !== undefined && name === undefined) return [port, protocol].filter(Boolean).join("/");
  return [name, type].find((one) => typeof one === "string");
}
