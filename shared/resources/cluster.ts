import type { ConfigMap } from "./config-map.ts";
import type { DaemonSet } from "./daemon-set.ts";
import type { Dataplane } from "./dataplane.ts";
import type { Deployment } from "./deployment.ts";
import type { EndpointSlice } from "./endpoint-slice.ts";
import type { Endpoints } from "./endpoints.ts";
import type { GatewayClass } from "./gateway-class.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import type { Gateway } from "./gateway.ts";
import type { Namespace } from "./namespace.ts";
import type { Node } from "./node.ts";
import type { ReferenceGrant } from "./reference-grant.ts";
import type { Secret } from "./secret.ts";
import type { Service } from "./service.ts";
import type { StaticService } from "./static-service.ts";
import type { UDPRoute } from "./udp-route.ts";

/** Objects of one kind by `namespace/name` (cluster-scoped: `name`), in ascending order of the key. */
export type Objects<T> = ReadonlyMap<string, T>;

/**
 * Everything that a pass knows of a cluster. Immutable; made by `clusterState` in shared/state, which also builds the
 * indexes, so that the renderer never searches a list (spec/rendering.md 1.1, 1.3).
 */
export interface ClusterState {
  readonly gatewayClasses: Objects<GatewayClass>;
  readonly gateways: Objects<Gateway>;
  readonly gatewayConfigs: Objects<GatewayConfig>;
  readonly dataplanes: Objects<Dataplane>;
  /** UDPRoutes of `stunner.l7mp.io/v1`. */
  readonly udpRoutes: Objects<UDPRoute>;
  /** UDPRoutes of `gateway.networking.k8s.io`, v1alpha2 or v1; `apiVersion` tells. */
  readonly officialUdpRoutes: Objects<UDPRoute>;
  readonly staticServices: Objects<StaticService>;
  readonly referenceGrants: Objects<ReferenceGrant>;
  readonly services: Objects<Service>;
  readonly endpointSlices: Objects<EndpointSlice>;
  readonly endpoints: Objects<Endpoints>;
  readonly secrets: Objects<Secret>;
  readonly nodes: Objects<Node>;
  readonly namespaces: Objects<Namespace>;
  readonly deployments: Objects<Deployment>;
  readonly daemonSets: Objects<DaemonSet>;
  readonly configMaps: Objects<ConfigMap>;

  /** Gateways by `spec.gatewayClassName`, each list ascending. */
  readonly gatewaysByClass: ReadonlyMap<string, readonly Gateway[]>;
  /** EndpointSlices by `namespace/service` of their label `kubernetes.io/service-name`. */
  readonly slicesByService: ReadonlyMap<string, readonly EndpointSlice[]>;
  /** Services by the value of their annotation `stunner.l7mp.io/related-gateway-name`. */
  readonly servicesByGateway: ReadonlyMap<string, readonly Service[]>;
  /** ReferenceGrants by their own namespace (that of the objects referred to). */
  readonly grantsByNamespace: ReadonlyMap<string, readonly ReferenceGrant[]>;
}
