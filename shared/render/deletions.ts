import type { ClusterState } from "../resources/cluster.ts";
import { OWNED_BY_LABEL, OWNED_BY_VALUE } from "../resources/constants.ts";
import type { Gateway } from "../resources/gateway.ts";
import { keyOf, type KubeObject } from "../resources/meta.ts";
import { objectKey, type Collector } from "./collector.ts";
import type { Context } from "./context.ts";
import { isOwned } from "./release.ts";
import type { Deletion } from "./result.ts";

/**
 * What is ours and no longer wanted: of Gateways of ours and of released ones, owned by label and ownerReference (I9,
 * I32). What belongs to a Gateway that is gone is the garbage collector's (spec/resources.md 5.8).
 */
export function findDeletions(context: Context, out: Collector, released: readonly Gateway[]): Deletion[] {
  const { state } = context;
  const gone = new Set(released);
  const isUnwanted = (object: KubeObject) => !out.objects.has(objectKey(object)) && !out.heldObjects.has(objectKey(object));
  const deletions: Deletion[] = [];
  for (const object of gatewayObjects(state)) {
    // Ours bear the Gateway's name; a Service of another name is one that the user made to expose it.
    const gateway = state.gateways.get(keyOf(object));
    if (!gateway || !isOwned(object, gateway) || !isUnwanted(object)) continue;
    if (context.isOurs(gateway) || gone.has(gateway)) deletions.push(deletionOf(object));
  }
  for (const object of state.configMaps.values()) {
    if (isOrphanedConfigMap(context, object) && isUnwanted(object)) deletions.push(deletionOf(object));
  }
  return deletions;
}

function gatewayObjects(state: ClusterState): KubeObject[] {
  return [...state.daemonSets.values(), ...state.deployments.values(), ...state.services.values()];
}

/** A legacy ConfigMap of a class of ours that now writes elsewhere, or of none: managed mode needs none (I9). */
function isOrphanedConfigMap(context: Context, { metadata }: KubeObject): boolean {
  if (metadata.labels?.[OWNED_BY_LABEL] !== OWNED_BY_VALUE) return false;
  return (metadata.ownerReferences ?? []).some((owner) => {
    if (owner.kind === "GatewayClass") {
      const found = context.state.gatewayClasses.get(owner.name);
      return found?.metadata.uid === owner.uid && found.spec.controllerName === context.options.controllerName;
    }
    const found = context.state.gatewayConfigs.get(`${metadata.namespace}/${owner.name}`);
    return owner.kind === "GatewayConfig" && found?.metadata.uid === owner.uid;
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
