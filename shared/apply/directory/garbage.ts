import type { KubeObject, OwnerReference } from "../../resources/meta.ts";
import { groupOf, kindOf } from "../../resources/kinds.ts";

/** `group/Kind/namespace/name`. */
export function idOf({ apiVersion, kind, metadata: { namespace = "", name } }: KubeObject): string {
  return `${groupOf(apiVersion)}/${kind}/${namespace}/${name}`;
}

/**
 * Whether a cluster's garbage collector would remove the object: it has owners, and none of them exists. An owner of a
 * kind that is not read here counts as existing.
 * @param objects everything that exists, by id
 */
export function isGarbage({ metadata }: KubeObject, objects: ReadonlyMap<string, KubeObject>): boolean {
  const owners = metadata.ownerReferences ?? [];
  return owners.length > 0 && owners.every((owner) => isGone(owner, metadata.namespace ?? "", objects));
}

function isGone({ apiVersion, kind, name, uid }: OwnerReference, namespace: string, objects: ReadonlyMap<string, KubeObject>): boolean {
  const info = kindOf({ apiVersion, kind });
  if (!info) return false;
  const owner = objects.get(`${info.group}/${kind}/${info.namespaced ? namespace : ""}/${name}`);
  return owner === undefined || (owner.metadata.uid ?? "") !== uid;
}
