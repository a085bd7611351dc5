import { isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/**
 * The desired status with the `lastTransitionTime` that its conditions lack: that of the live condition of the same
 * type while its `status` is the same, else now (Kubernetes API conventions). Conditions are looked for in the status
 * itself, in Gateway listeners (by name) and in route parents (by controller and reference). A condition that has
 * a time already is another controller's and stays as it is.
 * @param now milliseconds since the epoch
 */
export function settleStatus<T extends object>(live: unknown, desired: T, now: number): T {
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`;
  return settleMap(live, desired as JsonObject, time) as T;
}

function settleMap(live: unknown, desired: JsonObject, time: string): JsonObject {
  return Object.fromEntries(
    Object.entries(desired).map(([field, value]) => {
      const identity = IDENTITIES.get(field);
      if (!identity || !Array.isArray(value)) return [field, value];
      return [field, settleList(isObject(live) ? live[field] : undefined, value as readonly Json[], identity, time)];
    }),
  );
}

type Identity = (item: JsonObject) => string;

function settleList(live: unknown, desired: readonly Json[], identity: Identity, time: string): Json {
  const before = new Map((Array.isArray(live) ? live : []).filter(isObject).map((item) => [identity(item), item]));
  return desired.map((item) => {
    if (!isObject(item)) return item;
    const match = before.get(identity(item));
    return identity === byType ? settleCondition(match, item, time) : settleMap(match, item, time);
  });
}

function settleCondition(live: JsonObject | undefined, desired: JsonObject, time: string): JsonObject {
  if (typeof desired["lastTransitionTime"] === "string") return desired;
  const since = live?.["lastTransitionTime"];
  const kept = live?.["status"] === desired["status"] && typeof since === "string" && since !== "";
  return { ...desired, lastTransitionTime: kept ? since : time };
}

function byType(condition: JsonObject): string {
  return String(condition["type"]);
}

/** The lists that hold conditions, and how to find an item of theirs again. */
const IDENTITIES: ReadonlyMap<string, Identity> = new Map<string, Identity>([
  ["conditions", byType],
  ["listeners", (listener) => String(listener["name"])],
  ["parents", byControllerAndReference],
]);

function byControllerAndReference(parent: JsonObject): string {
  const ref = isObject(parent["parentRef"]) ? parent["parentRef"] : {};
  const { group = "gateway.networking.k8s.io", kind = "Gateway", namespace = null, name = null, sectionName = null, port = null } = ref;
  return JSON.stringify([parent["controllerName"] ?? null, group, kind, namespace, name, sectionName, port]);
}
