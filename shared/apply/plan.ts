import type { ClusterState } from "../resources/cluster.ts";
import type { KubeObject } from "../resources/meta.ts";
import type { DesiredObject, RenderResult } from "../render/result.ts";
import { makeable, objectKey, ownerOf } from "./ownership.ts";

/** What a pass means to do to the objects of the cluster. */
export interface Plan {
  readonly write: readonly DesiredObject[];
  readonly remove: readonly KubeObject[];
}

/**
 * What is desired is written; what is ours and no longer desired is removed; what is held stays as it is (rules I9, I10).
 * An object of a Gateway that belongs to another controller is removed only where `appliedByUs` knows that it was ours:
 * two controllers label alike, and the other one's objects are not ours to remove.
 * @param controllerName ours
 * @param appliedByUs takes `Kind/namespace/name`
 */
export function plan(
  state: ClusterState,
  result: Pick<RenderResult, "objects" | "held">,
  controllerName: string,
  appliedByUs: (key: string) => boolean,
): Plan {
  const { held } = result;
  const desired = new Set(result.objects.map(objectKey));
  const write = result.objects.filter((object) => !held.objects.has(objectKey(object)));
  const remove = [...makeable(state)].filter((object) => {
    const key = objectKey(object);
    if (desired.has(key) || held.objects.has(key)) return false;
    return ownerOf(object) !== undefined && (appliedByUs(key) || !isForeign(object, state, controllerName));
  });
  return { write, remove };
}

/** Whether the object's owner is under a class that exists and names another controller. */
function isForeign(object: KubeObject, state: ClusterState, controllerName: string): boolean {
  const owner = ownerOf(object);
  const className = owner?.kind === "GatewayClass" ? owner.name : gatewayOf(object, owner?.name, state)?.spec.gatewayClassName;
  const gatewayClass = className === undefined ? undefined : state.gatewayClasses.get(className);
  return gatewayClass !== undefined && gatewayClass.spec.controllerName !== controllerName;
}

function gatewayOf(object: KubeObject, name: string | undefined, state: ClusterState) {
  return state.gateways.get(`${object.metadata.namespace ?? ""}/${name ?? ""}`);
}
