import { GATEWAY_GROUP, OWNED_BY_LABEL, OWNED_BY_VALUE, STUNNER_GROUP } from "../resources/constants.ts";
import type { ClusterState } from "../resources/cluster.ts";
import type { KubeObject, OwnerReference } from "../resources/meta.ts";

/** Kinds that may own what we make: a Gateway, and of the legacy ConfigMap its GatewayConfig or class (rules I9, I11). */
const OWNERS: ReadonlySet<string> = new Set([
  `${GATEWAY_GROUP}/Gateway`,
  `${GATEWAY_GROUP}/GatewayClass`,
  `${STUNNER_GROUP}/GatewayConfig`,
]);

/**
 * What makes an object ours: the owned-by label **and** a reference to an owner of a kind that we make things for, never
 * the name alone (rule I9). Undefined where it is not ours.
 */
export function ownerOf(object: KubeObject): OwnerReference | undefined {
  if (object.metadata.labels?.[OWNED_BY_LABEL] !== OWNED_BY_VALUE) return undefined;
  return object.metadata.ownerReferences?.find(({ apiVersion, kind }) => OWNERS.has(`${apiVersion.split("/")[0]}/${kind}`));
}

/** Everything in the cluster of the kinds that we make. */
export function* makeable(state: ClusterState): Iterable<KubeObject> {
  yield* state.configMaps.values();
  yield* state.daemonSets.values();
  yield* state.deployments.values();
  // Most Secrets that are read are the users' own.
  for (const secret of state.secrets.values()) if (ownerOf(secret)) yield secret;
  yield* state.services.values();
}

/** Whether anything of ours is in the cluster. */
export function hasOwned(state: ClusterState): boolean {
  return [...makeable(state)].some((object) => ownerOf(object) !== undefined);
}

/** `Kind/namespace/name`, the form of `Held.objects`. */
export function objectKey(object: { kind: string; metadata: { namespace?: string | undefined; name: string } }): string {
  return `${object.kind}/${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}
