import type { ClusterState } from "../resources/cluster.ts";
import { GATEWAY_GROUP } from "../resources/constants.ts";
import { keyOf } from "../resources/meta.ts";
import type { ParentRef, UDPRoute } from "../resources/udp-route.ts";

/** A UDPRoute of either group, and whether a native one of the same name masks it (spec/rendering.md 6.1, I21). */
export interface Route {
  readonly key: string;
  readonly route: UDPRoute;
  readonly official: boolean;
  readonly masked: boolean;
  readonly parents: readonly Parent[];
}

/** A parentRef that points at a Gateway, with the field it stands in. */
export interface Parent {
  readonly ref: ParentRef;
  /** `namespace/name`, the namespace defaulting to the route's. */
  readonly gateway: string;
  /** Place in `spec.parentRefs`. */
  readonly index: number;
}

/** All routes, native ones first, each group ascending. */
export function routesOf(state: ClusterState): Route[] {
  const native = [...state.udpRoutes].map(([key, route]) => toRoute(key, route, false, false));
  const official = [...state.officialUdpRoutes].map(([key, route]) => toRoute(key, route, true, state.udpRoutes.has(key)));
  return [...native, ...official];
}

function toRoute(key: string, route: UDPRoute, official: boolean, masked: boolean): Route {
  const parents: Parent[] = [];
  const seen = new Set<string>();
  for (const [index, ref] of (route.spec.parentRefs ?? []).entries()) {
    if ((ref.group ?? GATEWAY_GROUP) !== GATEWAY_GROUP || (ref.kind ?? "Gateway") !== "Gateway") continue;
    // The same parent named twice is one parent (I3).
    const identity = parentIdentity(ref, route);
    if (seen.has(identity)) continue;
    seen.add(identity);
    const gateway = keyOf({ metadata: { namespace: ref.namespace ?? route.metadata.namespace, name: ref.name } });
    parents.push({ ref, gateway, index });
  }
  return { key, route, official, masked, parents };
}

/** Equal for parentRefs that mean the same, defaults filled in or not. */
export function parentIdentity(ref: ParentRef, route: UDPRoute): string {
  return JSON.stringify([
    ref.group ?? GATEWAY_GROUP,
    ref.kind ?? "Gateway",
    ref.namespace ?? route.metadata.namespace ?? "",
    ref.name,
    ref.sectionName ?? "",
    ref.port ?? 0,
  ]);
}
