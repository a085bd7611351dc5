import type { Json, JsonObject } from "./json.ts";

/** Fields that make an item of a list unique, by the name of the list, as the Kubernetes schemas declare them. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  ownerReferences: ["kind", "name", "uid"],
  conditions: ["type"],
  containers: ["name"],
  initContainers: ["name"],
  claims: ["name"],
  resourceClaims: ["name"],
  schedulingGates: ["name"],
  ephemeralContainers: ["name"],
  env: ["name"],
  volumes: ["name"],
  imagePullSecrets: ["name"],
  volumeMounts: ["mountPath"],
  volumeDevices: ["devicePath"],
  hostAliases: ["ip"],
  topologySpreadConstraints: ["topologyKey", "whenUnsatisfiable"],
};

/** Maps that have one owner as a whole: `x-kubernetes-map-type: atomic`. */
const ATOMIC_MAPS: ReadonlySet<string> = new Set([
  "selector",
  "nodeSelector",
  "labelSelector",
  "namespaceSelector",
  "preference",
  "requiredDuringSchedulingIgnoredDuringExecution",
  "fieldRef",
  "fileKeyRef",
  "resourceFieldRef",
  "secretKeyRef",
  "configMapKeyRef",
]);

export function isAtomicMap(field: string): boolean {
  return ATOMIC_MAPS.has(field);
}

/**
 * Fields that together tell an item of a list from the others, or undefined where the list has one owner as a whole.
 * Service ports and container ports are named alike and have different keys.
 */
export function keyNames(field: string, item: JsonObject): readonly string[] | undefined {
  if (field === "ports") return [item["containerPort"] === undefined ? "port" : "containerPort", "protocol"];
  return Object.hasOwn(KEYS, field) ? KEYS[field] : undefined;
}

/** What an item has under a key: the protocol of a port may be left out. */
export function keyValue(item: JsonObject, name: string): Json {
  return item[name] ?? (name === "protocol" ? "TCP" : null);
}

/** How to tell the items of a list apart, or undefined where the list has one owner as a whole. */
export function itemKey(field: string): ((item: JsonObject) => string) | undefined {
  if (!keyNames(field, {})) return undefined;
  return (item) => JSON.stringify(keyNames(field, item)?.map((name) => keyValue(item, name)));
}
