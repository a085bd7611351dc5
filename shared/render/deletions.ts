import type { Gateway } from "../resources/gateway.ts";
import { keyOf, type KubeObject } from "../resources/meta.ts";
import { objectKey, type Collector } from "./collector.ts";
import type { Context } from "./context.ts";
import { classOfConfigMap } from "./config-map-owner.ts";
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
    const gateway = context.state.gateways.get(keyOf(object));
    if (!gateway || !isOwned(object, gateway) || !isUnwanted(object)) continue;
    if (context.isOurs(gateway) || gone.has(gateway)) deletions.push(deletionOf(object));
  }
  for (const object of staleConfigMaps(context)) if (isUnwanted(object)) deletions.push(deletionOf(object));
  return deletions;
}

/** Legacy mode makes and deletes no workloads: those of a managed past stay (spec/resources.md 4.1). */
function gatewayObjects({ state, options }: Context): KubeObject[] {
  const workloads = options.mode === "managed" ? [...state.daemonSets.values(), ...state.deployments.values()] : [];
  return [...workloads, ...state.services.values()];
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
