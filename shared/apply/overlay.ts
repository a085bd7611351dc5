import type { KubeObject } from "../resources/meta.ts";
import { isAtomicMap, itemKey } from "./list-keys.ts";
import { isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/**
 * Three-way merge as server-side apply would do it with one field manager (rule I25): what is desired is set, what we
 * applied last and no longer want goes, what others have stays. Does not change its arguments.
 * @param live the object as it is, undefined where there is none
 * @param last what we applied last, undefined where that is not known: then nothing is removed
 */
export function overlay<T extends KubeObject>(live: KubeObject | undefined, last: KubeObject | undefined, desired: T): T {
  return mergeMap(live as JsonObject | undefined, last as JsonObject | undefined, desired as JsonObject) as T;
}

function merge(field: string, live: Json | undefined, last: Json | undefined, desired: Json): Json {
  if (isObject(desired)) {
    if (isAtomicMap(field)) return desired;
    return mergeMap(isObject(live) ? live : undefined, isObject(last) ? last : undefined, desired);
  }
  if (Array.isArray(desired)) return mergeList(field, live, last, desired as readonly Json[]);
  return desired;
}

function mergeMap(live: JsonObject | undefined, last: JsonObject | undefined, desired: JsonObject): JsonObject {
  const merged: [string, Json][] = [];
  for (const [field, value] of Object.entries(live ?? {})) {
    if (value === undefined) continue;
    const wanted = own(desired, field);
    const before = own(last, field);
    if (wanted !== undefined) merged.push([field, merge(field, value, before, wanted)]);
    else if (before === undefined) merged.push([field, value]);
    else {
      const rest = subtract(field, value, before);
      if (rest !== undefined) merged.push([field, rest]);
    }
  }
  for (const [field, value] of Object.entries(desired)) {
    if (value !== undefined && own(live, field) === undefined) merged.push([field, value]);
  }
  // Not by assignment: a field may be called __proto__.
  return Object.fromEntries(merged);
}

/** Lists with keys are merged item by item: ours in our order, then those of others in theirs. */
function mergeList(field: string, live: Json | undefined, last: Json | undefined, desired: readonly Json[]): Json {
  const wanted = byKey(field, desired);
  const present = byKey(field, live);
  if (!wanted || !present) return desired;
  const before = byKey(field, last) ?? new Map<string, JsonObject>();
  const ours = [...wanted].map(([key, item]) => mergeMap(present.get(key), before.get(key), item));
  const others = [...present].filter(([key]) => !wanted.has(key) && !before.has(key)).map(([, item]) => item);
  return [...ours, ...others];
}

/** What is left of a value of which we no longer want what we applied. */
function subtract(field: string, live: Json, last: Json): Json | undefined {
  if (isObject(live) && isObject(last) && !isAtomicMap(field)) {
    const rest = mergeMap(live, last, {});
    return Object.keys(rest).length > 0 ? rest : undefined;
  }
  const present = byKey(field, live);
  const before = byKey(field, last);
  if (!present || !before) return undefined;
  const others = [...present].filter(([key]) => !before.has(key)).map(([, item]) => item);
  return others.length > 0 ? others : undefined;
}

/** Undefined where the list is no list of items with keys of their own. */
function byKey(field: string, list: Json | undefined): Map<string, JsonObject> | undefined {
  const key = itemKey(field);
  if (!key || !Array.isArray(list)) return undefined;
  const items = list as readonly Json[];
  if (!items.every(isObject)) return undefined;
  const keyed = new Map(items.map((item) => [key(item), item]));
  return keyed.size === items.length ? keyed : undefined;
}

function own(map: JsonObject | undefined, field: string): Json | undefined {
  return map && Object.hasOwn(map, field) ? map[field] : undefined;
}
