import type { Gateway } from "../resources/gateway.ts";
import { keyOf, type KubeObject } from "../resources/meta.ts";
import { objectKey, type Collector } from "./collector.ts";
import type { Context } from "./context.ts";
import { classOfConfigMap } from "./config-map-owner.ts";
import { deliveryName } from "./delivery/names.ts";
import { isOwned, isReleased } from "./release.ts";
import type { Deletion } from "./result.ts";

/**
 * What is ours and no longer wanted: of Gateways of ours and of released ones, owned by label and ownerReference (I9,
 * I32). What belongs to a Gateway that is gone is the garbage collector's (spec/resources.md 5.8).
 */
export function findDeletions(context: Context, out: Collector, released: readonly Gateway[]): Deletion[] {
  const gone = new Set(released);
  const isUnwanted = (object: KubeObject) => !out.objects.has(objectKey(object)) && !out.heldObjects.has(objectKey(object));
  const deletions: Deletion[] = [];
  for (const object of gatewayObjects(context)) {
    // Ours bear the Gateway's name; a Service of another name is one that the user made to expose it.
    const gateway = gatewayOf(context, object);
    if (!gateway || !isOwned(object, gateway) || !isUnwanted(object)) continue;
    if (context.isOurs(gateway) || gone.has(gateway)) deletions.push(deletionOf(object));
  }
  for (const object of staleConfigMaps(context)) if (isUnwanted(object)) deletions.push(deletionOf(object));
  return deletions;
}

/** Legacy mode makes and deletes no workloads: those of a managed past stay (spec/resources.md 4.1), with what they mount. */
function gatewayObjects({ state, options }: Context): KubeObject[] {
  if (options.mode === "legacy") return [...state.services.values()];
  const { configMaps, daemonSets, deployments, secrets, services } = state;
  return [configMaps, daemonSets, deployments, secrets, services].flatMap((objects): KubeObject[] => [...objects.values()]);
}

function gatewayOf({ state }: Context, object: KubeObject): Gateway | undefined {
  if (object.kind !== "ConfigMap" && object.kind !== "Secret") return state.gateways.get(keyOf(object));
  const owner = object.metadata.ownerReferences?.find(({ kind }) => kind === "Gateway");
  if (!owner || object.metadata.name !== deliveryName(owner.name)) return undefined;
  return state.gateways.get(`${object.metadata.namespace ?? ""}/${owner.name}`);
}

/** Legacy ConfigMaps whose class is ours and writes elsewhere now, or is gone and released (I9). */
function staleConfigMaps({ state, options }: Context): KubeObject[] {
  if (options.mode === "managed") return [];
  return [...state.configMaps.values()].filter((object) => {
    const name = classOfConfigMap(object);
    if (name === undefined) return false;
    const found = state.gatewayClasses.get(name);
    return found ? found.spec.controllerName === options.controllerName : isReleased(options, `/${name}`);
  });
}

function deletionOf({ apiVersion, kind, metadata }: KubeObject): Deletion {
  return {
    apiVersion,
    kind,
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    ...(metadata.uid ? { uid: metadata.uid } : {}),
    ...(metadata.resourceVersion ? { resourceVersion: metadata.resourceVersion } : {}),
  };
}
