import { childOf, isObject, listOf, textOf, type Json, type JsonObject } from "../support/json.ts";
import { byText } from "./normalise.ts";
import { pythonJson } from "./python-json.ts";

/** What one step leaves behind: configurations (null in legacy mode), owned objects, statuses. */
export interface Outcome {
  configs: Json;
  objects: JsonObject;
  statuses: JsonObject;
}

/** Labels and annotations that only this project writes, and that are not compared. */
const OWN = ["stunner-serverless.io/", "gateway.networking.k8s.io/gateway-name"];

/** The parts of an outcome that are compared, in one canonical form. */
export function comparable(outcome: Outcome): JsonObject {
  const { configs, objects, statuses } = structuredClone(outcome);
  if (Array.isArray(configs)) configs.filter(isObject).forEach((config) => sortConfig(config, true));
  withoutOwnKeys(objects);
  for (const object of Object.values(objects).filter(isObject)) canonicalObject(object);
  byKey(statuses);
  return { configs, objects, statuses };
}

/** `always`: absent lists become empty ones, as the live comparison makes them of CDS answers. */
function sortConfig(config: JsonObject, always: boolean): void {
  const listeners = listOf(config, "listeners");
  const clusters = listOf(config, "clusters");
  for (const listener of listeners.filter(isObject)) listener["routes"] = listOf(listener, "routes").toSorted(byText);
  for (const cluster of clusters.filter(isObject)) cluster["endpoints"] = listOf(cluster, "endpoints").toSorted(byText);
  if (always || listeners.length > 0) config["listeners"] = listeners.toSorted(byName);
  if (always || clusters.length > 0) config["clusters"] = clusters.toSorted(byName);
}

function withoutOwnKeys(value: Json): void {
  if (Array.isArray(value)) value.forEach(withoutOwnKeys);
  if (!isObject(value)) return;
  for (const key of ["labels", "annotations"]) {
    const map = value[key];
    if (!isObject(map)) continue;
    const kept = Object.entries(map).filter(([name]) => !OWN.some((prefix) => name.startsWith(prefix)));
    if (kept.length > 0) value[key] = Object.fromEntries(kept);
    else delete value[key];
  }
  Object.values(value).forEach(withoutOwnKeys);
}

function canonicalObject(object: JsonObject): void {
  const spec = childOf(object, "spec");
  for (const container of listOf(childOf(childOf(spec, "template"), "spec"), "containers").filter(isObject)) {
    container["env"] = listOf(container, "env")
      .filter(isObject)
      .map((variable) => (variable["name"] === "STUNNER_CONFIG_ORIGIN" ? { name: "STUNNER_CONFIG_ORIGIN" } : variable))
      .toSorted(byName);
  }
  if (Array.isArray(spec["ports"])) spec["ports"] = spec["ports"].toSorted(byName);
  if (object["kind"] !== "ConfigMap") return;
  for (const value of Object.values(childOf(object, "data"))) {
    if (isObject(value) && isObject(value["$json"])) sortConfig(value["$json"], false);
  }
}

/** Lists in statuses whose order says nothing become objects by their key. */
function byKey(value: Json): void {
  if (Array.isArray(value)) value.forEach(byKey);
  if (!isObject(value)) return;
  const index = (key: string, name: (item: JsonObject) => string): void => {
    const list = value[key];
    if (Array.isArray(list)) value[key] = Object.fromEntries(list.filter(isObject).map((item) => [name(item), item]));
  };
  const conditions = value["conditions"];
  if (Array.isArray(conditions)) {
    value["conditions"] = Object.fromEntries(conditions.filter(isObject).map(({ type, ...rest }) => [String(type), rest as JsonObject]));
  }
  index("listeners", (item) => textOf(item, "name"));
  index("parents", (item) => pythonJson([item["parentRef"] ?? null, item["controllerName"] ?? null], true));
  const kinds = value["supportedKinds"];
  if (Array.isArray(kinds)) value["supportedKinds"] = kinds.map((kind) => pythonJson(kind, true)).toSorted(byText);
  Object.values(value).forEach(byKey);
}

const byName = (a: Json, b: Json): number => byText(isObject(a) ? textOf(a, "name") : "", isObject(b) ? textOf(b, "name") : "");
