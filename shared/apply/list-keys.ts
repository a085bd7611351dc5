import type { Json, JsonObject } from "./json.ts";

/** Fields that make an item of a list unique, by the name of the list, as the Kubernetes schemas declare them. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  ownerReferences: ["kind", "name", "uid"],
  conditions: ["type"],
  containers: ["name"],
  initContainers: ["name"],
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
  "resourceFieldRef",
  "secretKeyRef",
  "configMapKeyRef",
]);

export function isAtomicMap(field: string): boolean {
  return ATOMIC_MAPS.has(field);
}

/**
 * How to tell the items of a list apart, or undefined where the list has one owner as a whole. Service ports and
 * container ports are named alike and have different keys; the protocol defaults to TCP.
 */
export function itemKey(field: string): ((item: JsonObject) => string) | undefined {
  if (field === "ports") {
    return (item) => JSON.stringify([item["containerPort"] ?? item["port"] ?? null, item["protocol"] ?? "TCP"]);
  }
  const names = Object.hasOwn(KEYS, field) ? KEYS[field] : undefined;
  return names && ((item) => JSON.stringify(names.map((name): Json => item[name] ?? null)));
}
