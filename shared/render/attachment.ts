import type { ClusterState } from "../resources/cluster.ts";
import { GATEWAY_GROUP, STUNNER_GROUP } from "../resources/constants.ts";
import type { Gateway, Listener } from "../resources/gateway.ts";
import { matchesSelector } from "./selector.ts";
import type { Parent, Route } from "./route.ts";

export interface RouteKind {
  readonly group: string;
  readonly kind: string;
}

const SUPPORTED: readonly RouteKind[] = [
  { group: GATEWAY_GROUP, kind: "UDPRoute" },
  { group: STUNNER_GROUP, kind: "UDPRoute" },
];

export interface AllowedKinds {
  /** Supported kinds that may attach. */
  readonly kinds: readonly RouteKind[];
  /** Listed kinds that no TURN listener takes. */
  readonly invalid: readonly RouteKind[];
}

/** `allowedRoutes.kinds`: none listed means all that are supported (improvements I39). */
export function allowedKinds(listener: Listener): AllowedKinds {
  const listed = listener.allowedRoutes?.kinds ?? [];
  if (listed.length === 0) return { kinds: SUPPORTED, invalid: [] };
  const asked = listed.map(({ group, kind }) => ({ group: group ?? GATEWAY_GROUP, kind }));
  const isSupported = (one: RouteKind) => SUPPORTED.some(({ group, kind }) => group === one.group && kind === one.kind);
  return {
    kinds: SUPPORTED.filter(({ group, kind }) => asked.some((one) => one.group === group && one.kind === kind)),
    invalid: asked.filter((one) => !isSupported(one)),
  };
}

/** Whether the parentRef means this listener: its name and port, where given, are the listener's (I43). */
export function pointsAt({ ref }: Parent, listener: Listener): boolean {
  return (ref.sectionName ?? listener.name) === listener.name && (ref.port ?? listener.port) === listener.port;
}

/** Whether `allowedRoutes` of the listener admits the route, by kind and namespace (spec/rendering.md 5.4). */
export function admits(state: ClusterState, gateway: Gateway, listener: Listener, { route, official }: Route): boolean {
  const group = official ? GATEWAY_GROUP : STUNNER_GROUP;
  if (!allowedKinds(listener).kinds.some((one) => one.group === group)) return false;
  const namespaces = listener.allowedRoutes?.namespaces;
  switch (namespaces?.from) {
    case "All":
      return true;
    case "Selector": {
      const labels = state.namespaces.get(route.metadata.namespace ?? "")?.metadata;
      return labels !== undefined && matchesSelector(namespaces.selector, labels.labels ?? {});
    }
    default:
      return route.metadata.namespace === gateway.metadata.namespace;
  }
}
