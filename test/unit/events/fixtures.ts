import type { Change } from "../../../shared/events/change.ts";
import type { Refs } from "../../../shared/events/refs.ts";
import type { RelevanceSettings } from "../../../shared/events/relevance.ts";
import { CONTROLLER_NAME, GATEWAY_GROUP, STUNNER_GROUP } from "../../../shared/resources/constants.ts";

export const SETTINGS: RelevanceSettings = { controllerName: CONTROLLER_NAME, mode: "managed", endpointSlices: true, endpointDiscovery: true };

/** References of a cluster that has Gateway `media/gw` of ours, one of another controller, and two backends. */
export function refs(more: Partial<Omit<Refs, "references">> & { references?: Partial<Refs["references"]> } = {}): Refs {
  return {
    foreignClasses: new Set(["nginx"]),
    foreignGateways: new Set(["web/nginx"]),
    gateways: new Set(["media/gw", "old/orphan"]),
    owned: new Set(["Service/media/gw", "Deployment/media/gw", "Service/old/gone"]),
    slices: new Set(["media/hand-made"]),
    ...more,
    references: {
      secrets: new Set(["media/cert", "stunner/auth"]),
      namespaces: new Set(["media"]),
      services: new Set(["media/gw", "media/livekit", "apps/janus"]),
      backends: new Set(["media/livekit", "apps/janus"]),
      staticServices: new Set(["media/static"]),
      configMaps: new Set(["stunner/stunnerd-config"]),
      ...more.references,
    },
  };
}

const GROUPS: Readonly<Record<string, string>> = {
  Gateway: GATEWAY_GROUP,
  GatewayClass: GATEWAY_GROUP,
  ReferenceGrant: GATEWAY_GROUP,
  UDPRoute: STUNNER_GROUP,
  GatewayConfig: STUNNER_GROUP,
  Dataplane: STUNNER_GROUP,
  StaticService: STUNNER_GROUP,
  EndpointSlice: "discovery.k8s.io",
  Deployment: "apps",
  DaemonSet: "apps",
  CustomResourceDefinition: "apiextensions.k8s.io",
};

/** `change("Service", "media/gw")`: an update of which nothing more is told. */
export function change(kind: string, key: string, more: Partial<Change> = {}): Change {
  const [name = "", namespace] = key.split("/").reverse();
  return { group: GROUPS[kind] ?? "", kind, ...(namespace === undefined ? {} : { namespace }), name, operation: "update", ...more };
}
