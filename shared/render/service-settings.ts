import {
  DISABLE_HEALTH_CHECK_EXPOSE_ANNOTATION,
  DISABLE_SESSION_AFFINITY_ANNOTATION,
  EXTERNAL_TRAFFIC_POLICY_ANNOTATION,
  MIXED_PROTOCOL_ANNOTATION,
  NODEPORT_ANNOTATION,
  RELAY_ADDRESS_DISCOVERY_ANNOTATION,
  SERVICE_TYPE_ANNOTATION,
  TARGETPORT_ANNOTATION,
} from "../resources/constants.ts";
import type { GatewayConfig } from "../resources/gateway-config.ts";
import type { Gateway } from "../resources/gateway.ts";
import { isPort } from "./endpoint.ts";
import { parsePortMap, type PortMap } from "./port-map.ts";
import { nameOf } from "./problems.ts";
import { propagatedAnnotations } from "./propagation.ts";
import type { Problem } from "./result.ts";

const SERVICE_TYPES = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "None"] as const;
export type ServiceType = (typeof SERVICE_TYPES)[number];

type Annotations = Readonly<Record<string, string>>;

/** What the annotations of a Gateway and its GatewayConfig ask for (spec/resources.md 2.2 to 2.6). */
export interface ServiceSettings {
  /** For the Service; the Gateway's win over the GatewayConfig's. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly type: ServiceType;
  readonly mixedProtocols: boolean;
  readonly localTraffic: boolean;
  readonly nodePorts: PortMap;
  readonly targetPorts: PortMap;
  readonly exposeHealthCheck: boolean;
  readonly sessionAffinity: boolean;
  readonly relayDiscovery: boolean;
  /** Values that mean nothing; what they were to set keeps its default. */
  readonly warnings: readonly Problem[];
}

export function serviceSettings(gateway: Gateway, gatewayConfig: GatewayConfig, filter: readonly string[]): ServiceSettings {
  const warnings: Problem[] = [];
  const inherited = gatewayConfig.spec?.loadBalancerServiceAnnotations ?? {};
  const own = propagatedAnnotations(gateway, filter);
  const annotations: Record<string, string> = { ...inherited, ...own };
  const warn = (key: string, message: string, isOwn = Object.hasOwn(own, key), reason = "InvalidAnnotation") => {
    const object = nameOf(isOwn ? gateway : gatewayConfig);
    const field = `${isOwn ? "metadata.annotations" : "spec.loadBalancerServiceAnnotations"}[${key}]`;
    warnings.push({ severity: "warning", object, field, reason, message });
  };
  const flag = (key: string): boolean => {
    const text = annotations[key]?.toLowerCase();
    if (text !== undefined && text !== "true" && text !== "false") warn(key, `"${annotations[key]}" counts as false; accepted: true, false`);
    return text === "true";
  };
  const ports = (key: string): PortMap => {
    const map = parsePortMap(annotations[key] ?? "");
    if (!map) warn(key, 'ignored, since it is no JSON object of listener names and port numbers such as {"udp":30478}');
    const usable = new Map(map);
    for (const [name, port] of usable) {
      if (!gateway.spec.listeners.some((one) => one.name === name)) warn(key, `"${name}" is no listener of ${nameOf(gateway)}`, undefined, "UnknownListener");
      if (isPort(port)) continue;
      warn(key, `port ${port} of "${name}" is ignored; accepted: 1 to 65535`);
      usable.delete(name);
    }
    return usable;
  };
  const policy = annotations[EXTERNAL_TRAFFIC_POLICY_ANNOTATION]?.toLowerCase();
  if (policy !== undefined && policy !== "local" && policy !== "cluster") {
    warn(EXTERNAL_TRAFFIC_POLICY_ANNOTATION, `"${policy}" counts as cluster; accepted: local, cluster`);
  }
  return {
    annotations,
    type: serviceType([own, inherited], (value, source) =>
      warn(SERVICE_TYPE_ANNOTATION, `unknown service type "${value}" is ignored; accepted: ${SERVICE_TYPES.join(", ")}`, source === own),
    ),
    mixedProtocols: flag(MIXED_PROTOCOL_ANNOTATION),
    localTraffic: policy === "local",
    nodePorts: ports(NODEPORT_ANNOTATION),
    targetPorts: ports(TARGETPORT_ANNOTATION),
    exposeHealthCheck: !flag(DISABLE_HEALTH_CHECK_EXPOSE_ANNOTATION),
    sessionAffinity: !flag(DISABLE_SESSION_AFFINITY_ANNOTATION),
    relayDiscovery: flag(RELAY_ADDRESS_DISCOVERY_ANNOTATION),
    warnings,
  };
}

/** The first source with a known type decides, in any case of letters (improvements I30). */
function serviceType(sources: readonly Annotations[], unknown: (value: string, source: Annotations) => void): ServiceType {
  for (const source of sources) {
    const value = source[SERVICE_TYPE_ANNOTATION];
    if (value === undefined) continue;
    const type = SERVICE_TYPES.find((one) => one.toLowerCase() === value.toLowerCase());
    if (type) return type;
    unknown(value, source);
  }
  return "LoadBalancer";
}
