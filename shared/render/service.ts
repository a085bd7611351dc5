import { APP_LABEL, APP_VALUE } from "../resources/constants.ts";
import type { Gateway } from "../resources/gateway.ts";
import type { OwnerReference } from "../resources/meta.ts";
import type { Service } from "../resources/service.ts";
import type { JudgedListener } from "./judge.ts";
import { gatewayOwner, ownedLabels, podSelector, relatedAnnotation } from "./owner.ts";
import { infrastructure } from "./propagation.ts";
import type { RenderOptions } from "./result.ts";
import { servicePorts, type DesiredPort } from "./service-ports.ts";
import type { ServiceSettings, ServiceType } from "./service-settings.ts";

/** The Service that exposes a Gateway, with the fields that are ours and no others (spec/resources.md 2; I25). */
export type DesiredService = {
  apiVersion: "v1";
  kind: "Service";
  metadata: {
    name: string;
    namespace: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
    ownerReferences: OwnerReference[];
  };
  spec: {
    type: Exclude<ServiceType, "None">;
    selector: Record<string, string>;
    sessionAffinity: "ClientIP" | "None";
    externalTrafficPolicy?: "Local";
    loadBalancerIP?: string;
    ports: DesiredPort[];
  };
};

/** Undefined where no listener has a port (I31) or no Service is wanted (I30). */
export function desiredService(
  options: RenderOptions,
  gateway: Gateway,
  settings: ServiceSettings,
  listeners: readonly JudgedListener[],
  live: Service | undefined,
): DesiredService | undefined {
  const { type } = settings;
  const ports = type === "None" ? [] : servicePorts(settings, listeners, live);
  if (type === "None" || ports.length === 0) return undefined;
  const [address] = gateway.spec.addresses ?? [];
  const staticIp = address && (address.type ?? "IPAddress") === "IPAddress" ? address.value : undefined;
  const hasPolicy = type === "NodePort" || type === "LoadBalancer";
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: gateway.metadata.name,
      namespace: gateway.metadata.namespace ?? "",
      labels: { ...infrastructure(gateway, options.labelFilter).labels, ...ownedLabels(gateway) },
      annotations: { ...settings.annotations, ...relatedAnnotation(gateway) },
      ownerReferences: [gatewayOwner(gateway)],
    },
    spec: {
      type,
      selector: options.mode === "legacy" ? { [APP_LABEL]: APP_VALUE } : podSelector(gateway),
      sessionAffinity: settings.sessionAffinity ? "ClientIP" : "None",
      ...(settings.localTraffic && hasPolicy ? { externalTrafficPolicy: "Local" } : {}),
      ...(staticIp ? { loadBalancerIP: staticIp } : {}),
      ports,
    },
  };
}
