import type { ClusterState } from "../resources/cluster.ts";

/** Who refers to something in another namespace. */
export interface Referrer {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
}

/** What is referred to. */
export interface Referent {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Whether the reference stays in its namespace, or a ReferenceGrant there allows it (Gateway API; improvements I20). */
export function isGranted(state: ClusterState, from: Referrer, to: Referent): boolean {
  if (from.namespace === to.namespace) return true;
  const grants = state.grantsByNamespace.get(to.namespace) ?? [];
  return grants.some(
    ({ spec }) =>
      spec.from.some((f) => f.group === from.group && f.kind === from.kind && f.namespace === from.namespace) &&
      spec.to.some((t) => t.group === to.group && t.kind === to.kind && (!t.name || t.name === to.name)),
  );
}
