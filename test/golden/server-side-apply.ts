import { isObject, sameJson, type Json, type JsonObject } from "../support/json.ts";

/**
 * Server-side apply with `force`, as far as the recordings need it: objects merge key by key, the lists of
 * `LIST_KEYS` item by item, everything else is one value. What a manager applied before and no longer applies goes,
 * unless another manager has it too.
 */

/** Fields of the lists that merge by item: the keys of an item. All other lists are one value. */
const LIST_KEYS: Readonly<Record<string, readonly string[]>> = {
  "metadata.ownerReferences": ["uid"],
  "spec.ports": ["port", "protocol"],
  "spec.template.spec.containers": ["name"],
  "spec.template.spec.initContainers": ["name"],
  "spec.template.spec.volumes": ["name"],
  "spec.template.spec.imagePullSecrets": ["name"],
  "spec.template.spec.containers.env": ["name"],
  "spec.template.spec.initContainers.env": ["name"],
  "spec.template.spec.containers.ports": ["containerPort", "protocol"],
  "spec.template.spec.containers.volumeMounts": ["mountPath"],
  "spec.template.spec.initContainers.volumeMounts": ["mountPath"],
};
/** Objects that are one value (`x-kubernetes-map-type: atomic`). */
const ATOMIC = new Set(["spec.selector", "spec.template.spec.nodeSelector"]);

/** The live object after an apply. `last` is what this manager applied before, `others` what the others have. */
export function merged(live: JsonObject, last: JsonObject, next: JsonObject, others: readonly JsonObject[]): JsonObject {
  return asObject(mergeValue(without(live, last, next, others, "") ?? {}, next, ""));
}

/** The list, if any, in which an apply names an item twice: an API server refuses it. */
export function repeatedItem(value: Json, path = ""): string | undefined {
  const parts = partsOf(value, path);
  if (!parts) return undefined;
  if (Array.isArray(value) && parts.size < value.length) return path;
  for (const [key, part] of parts) {
    const found = repeatedItem(part, childPath(path, key, value));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What another manager still owns once `next` has been forced: the fields of `owned` that `next` did not change. */
export function afterForce(owned: JsonObject, next: JsonObject): JsonObject {
  return asObject(keepUnchanged(owned, next, "") ?? {});
}

/** `live` without what `last` has and neither `next` nor one of `others` has. */
function without(live: Json, last: Json, next: Json | undefined, others: readonly Json[], path: string): Json | undefined {
  const parts = partsOf(live, path);
  const before = partsOf(last, path);
  if (!parts || !before) return next === undefined && others.length === 0 ? undefined : live;
  const after = partsOf(next, path);
  const rest = others.map((other) => partsOf(other, path)).filter((other) => other !== undefined);
  const kept = new Map<string, Json>();
  for (const [key, value] of parts) {
    const mine = before.get(key);
    if (mine === undefined) {
      kept.set(key, value);
      continue;
    }
    const theirs = rest.map((other) => other.get(key)).filter((other) => other !== undefined);
    // An item of a list is owned as such: when nobody has it any more it goes with all that was defaulted into it.
    const gone = Array.isArray(live) && !after?.has(key) && theirs.length === 0;
    const left = gone ? undefined : without(value, mine, after?.get(key), theirs, childPath(path, key, live));
    if (left !== undefined) kept.set(key, left);
  }
  const ours = next === undefined && others.length === 0;
  return ours && kept.size === 0 ? undefined : assemble(kept, live);
}

function mergeValue(live: Json | undefined, next: Json, path: string): Json {
  const [a, b] = [live === undefined ? undefined : partsOf(live, path), partsOf(next, path)];
  if (!a || !b) return structuredClone(next);
  const out = new Map(a);
  for (const [key, value] of b) out.set(key, mergeValue(a.get(key), value, childPath(path, key, next)));
  return assemble(out, next);
}

function keepUnchanged(owned: Json, next: Json | undefined, path: string): Json | undefined {
  if (next === undefined) return owned;
  const [a, b] = [partsOf(owned, path), partsOf(next, path)];
  if (!a || !b) return sameJson(owned, next) ? owned : undefined;
  const out = new Map<string, Json>();
  for (const [key, value] of a) {
    const kept = keepUnchanged(value, b.get(key), childPath(path, key, owned));
    if (kept !== undefined) out.set(key, kept);
  }
  return assemble(out, owned);
}

/** The parts of a value that merge one by one, by key; undefined where it is one value. */
function partsOf(value: Json | undefined, path: string): Map<string, Json> | undefined {
  if (isObject(value)) return ATOMIC.has(path) ? undefined : new Map(Object.entries(value));
  const keys = LIST_KEYS[path];
  if (!keys || !Array.isArray(value)) return undefined;
  return new Map(value.filter(isObject).map((item) => [itemKey(item, keys), item]));
}

const itemKey = (item: JsonObject, keys: readonly string[]): string =>
  JSON.stringify(keys.map((key) => item[key] ?? (key === "protocol" ? "TCP" : null)));

function assemble(parts: ReadonlyMap<string, Json>, like: Json): Json {
  return Array.isArray(like) ? [...parts.values()] : Object.fromEntries(parts);
}

const childPath = (path: string, key: string, parent: Json): string => (Array.isArray(parent) ? path : path ? `${path}.${key}` : key);
const asObject = (value: Json): JsonObject => (isObject(value) ? value : {});
