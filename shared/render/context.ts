import type { ClusterState } from "../resources/cluster.ts";
import type { Gateway } from "../resources/gateway.ts";
import { nodeAddress } from "./address.ts";
import { renderCluster, type RenderedCluster } from "./cluster.ts";
import { proxyPorts } from "./delivery/ports.ts";
import type { Problem, RenderOptions } from "./result.ts";
import { routesOf, type Parent, type Route } from "./route.ts";

/** A route with those of its parentRefs that point at one Gateway. */
export interface Attachable {
  readonly route: Route;
  readonly parents: readonly Parent[];
}

/** What one rendering works on: the state, indexes over it, and the findings that it collects. Lives for one call. */
export interface Context {
  readonly state: ClusterState;
  readonly options: RenderOptions;
  readonly routes: readonly Route[];
  /** Unmasked routes by the Gateway that they point at. */
  readonly routesByGateway: ReadonlyMap<string, readonly Attachable[]>;
  /** Clusters by route; a route's is the same whichever Gateway asks. */
  readonly clusters: ReadonlyMap<Route, RenderedCluster>;
  /** Services that some route names, by `namespace/name`. */
  readonly backends: ReadonlySet<string>;
  /** External address of some node. */
  readonly node: string | undefined;
  /** Loopback ports of proxies, by `namespace/name` of Gateways of ours; empty with any other delivery. */
  readonly proxyPorts: ReadonlyMap<string, number>;
  /** Gateways whose class has our controller name. */
  readonly isOurs: (gateway: Gateway) => boolean;
  readonly problems: Problem[];
  /** Notes for the ResolvedRefs messages of routes, by route key. */
  readonly routeNotes: Map<string, Set<string>>;
}

export function createContext(state: ClusterState, options: RenderOptions): Context {
  const routes = routesOf(state);
  const isOurs = (gateway: Gateway) =>
    state.gatewayClasses.get(gateway.spec.gatewayClassName)?.spec.controllerName === options.controllerName;
  const concerned = routes.filter((route) => route.parents.some((parent) => pointsAtOurs(state, isOurs, parent)));
  return {
    state,
    options,
    routes,
    routesByGateway: byGateway(concerned.filter((route) => !route.masked)),
    clusters: new Map(concerned.filter((route) => !route.masked).map((route) => [route, renderCluster(state, options, route)])),
    backends: new Set(routes.flatMap(backendsOf)),
    node: nodeAddress(state),
    proxyPorts: options.delivery?.kind === "proxy" ? proxyPorts([...state.gateways.values()].filter(isOurs)) : new Map(),
    isOurs,
    problems: [],
    routeNotes: new Map(),
  };
}

function backendsOf({ route }: Route): string[] {
  const refs = (route.spec.rules ?? []).flatMap((rule) => rule.backendRefs ?? []);
  return refs.map((ref) => `${ref.namespace ?? route.metadata.namespace ?? ""}/${ref.name}`);
}

function pointsAtOurs(state: ClusterState, isOurs: Context["isOurs"], parent: Parent): boolean {
  const gateway = state.gateways.get(parent.gateway);
  return gateway !== undefined && isOurs(gateway);
}

function byGateway(routes: readonly Route[]): Map<string, Attachable[]> {
  const index = new Map<string, Attachable[]>();
  for (const route of routes) {
    for (const [gateway, parents] of Map.groupBy(route.parents, (one) => one.gateway)) {
      const list = index.get(gateway);
      if (list) list.push({ route, parents });
      else index.set(gateway, [{ route, parents }]);
    }
  }
  return index;
}
