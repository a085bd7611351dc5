import type { ClusterState, Objects } from "../resources/cluster.ts";
import { RELATED_GATEWAY_KEY, SERVICE_NAME_LABEL } from "../resources/constants.ts";
import type { EndpointSlice } from "../resources/endpoint-slice.ts";
import type { Gateway } from "../resources/gateway.ts";
import { type AnyKubeObject, groupOf } from "../resources/kinds.ts";
import { keyOf } from "../resources/meta.ts";
import type { ReferenceGrant } from "../resources/reference-grant.ts";
import type { Service } from "../resources/service.ts";

/**
 * Makes a ClusterState of objects that have been validated, by an API server or by the directory source. Every map and
 * list ascends by `namespace/name`; of several objects with the same key the last one counts; kinds that are not read
 * are left out. Cost: n log n in the number of objects.
 */
export function clusterState(objects: Iterable<AnyKubeObject>): ClusterState {
  const kinds = new Map<string, AnyKubeObject[]>();
  for (const object of objects) {
    const id = `${groupOf(object.apiVersion)}/${object.kind}`;
    const known = kinds.get(id);
    if (known) known.push(object);
    else kinds.set(id, [object]);
  }
  const of = <T extends AnyKubeObject>(group: string, kind: string): Objects<T> =>
    ascending((kinds.get(`${group}/${kind}`) ?? []) as T[]);
  const gateways = of<Gateway>("gateway.networking.k8s.io", "Gateway");
  const endpointSlices = of<EndpointSlice>("discovery.k8s.io", "EndpointSlice");
  const services = of<Service>("", "Service");
  const grants = (kinds.get("gateway.networking.k8s.io/ReferenceGrant") ?? []) as ReferenceGrant[];
  // One without a spec grants nothing.
  const referenceGrants = ascending(grants.filter(({ spec }) => spec as unknown));
  return {
    gatewayClasses: of("gateway.networking.k8s.io", "GatewayClass"),
    gateways,
    gatewayConfigs: of("stunner.l7mp.io", "GatewayConfig"),
    dataplanes: of("stunner.l7mp.io", "Dataplane"),
    udpRoutes: of("stunner.l7mp.io", "UDPRoute"),
    officialUdpRoutes: of("gateway.networking.k8s.io", "UDPRoute"),
    staticServices: of("stunner.l7mp.io", "StaticService"),
    referenceGrants,
    services,
    endpointSlices,
    endpoints: of("", "Endpoints"),
    secrets: of("", "Secret"),
    nodes: of("", "Node"),
    namespaces: of("", "Namespace"),
    deployments: of("apps", "Deployment"),
    daemonSets: of("apps", "DaemonSet"),
    configMaps: of("", "ConfigMap"),
    gatewaysByClass: groupBy(gateways, (gateway) => gateway.spec.gatewayClassName),
    slicesByService: groupBy(endpointSlices, ({ metadata }) => {
      const service = metadata.labels?.[SERVICE_NAME_LABEL];
      return service === undefined ? undefined : `${metadata.namespace ?? ""}/${service}`;
    }),
    servicesByGateway: groupBy(services, ({ metadata }) => metadata.annotations?.[RELATED_GATEWAY_KEY]),
    grantsByNamespace: groupBy(referenceGrants, ({ metadata }) => metadata.namespace),
  };
}

function ascending<T extends AnyKubeObject>(objects: readonly T[]): Objects<T> {
  const entries = objects.map((object): [string, T] => [keyOf(object), object]);
  // An API server lists most kinds in this order. The sort is stable and a Map keeps the last of equal keys.
  const isSorted = entries.every(([key], i) => i === 0 || (entries[i - 1]?.[0] ?? "") <= key);
  return new Map(isSorted ? entries : entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function groupBy<T>(objects: Objects<T>, group: (object: T) => string | undefined): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const object of objects.values()) {
    const key = group(object);
    if (key === undefined) continue;
    const members = groups.get(key);
    if (members) members.push(object);
    else groups.set(key, [object]);
  }
  return groups;
}
