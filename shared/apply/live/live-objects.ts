import type { DesiredStatus } from "../../render/result.ts";
import type { ClusterState } from "../../resources/cluster.ts";
import { GATEWAY_GROUP } from "../../resources/constants.ts";
import { groupOf } from "../../resources/kinds.ts";
import type { KubeObject } from "../../resources/meta.ts";
import { makeable, objectKey } from "../ownership.ts";

/** What is live of the kinds that we make, by `Kind/namespace/name`. */
export function liveObjects(state: ClusterState): ReadonlyMap<string, KubeObject> {
  return new Map([...makeable(state)].map((object) => [objectKey(object), object]));
}

/** The object that a status is for. */
export function liveObject(state: ClusterState, { apiVersion, kind, namespace, name }: DesiredStatus): KubeObject | undefined {
  const key = namespace ? `${namespace}/${name}` : name;
  switch (kind) {
    case "GatewayClass":
      return state.gatewayClasses.get(key);
    case "Gateway":
      return state.gateways.get(key);
    case "UDPRoute":
      return groupOf(apiVersion) === GATEWAY_GROUP ? state.officialUdpRoutes.get(key) : state.udpRoutes.get(key);
  }
}
