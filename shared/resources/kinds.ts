import type * as z from "zod/mini";
import { configMapSchema } from "./config-map.ts";
import { GATEWAY_GROUP, STUNNER_GROUP } from "./constants.ts";
import { daemonSetSchema } from "./daemon-set.ts";
import { dataplaneSchema } from "./dataplane.ts";
import { deploymentSchema } from "./deployment.ts";
import { endpointSliceSchema } from "./endpoint-slice.ts";
import { endpointsSchema } from "./endpoints.ts";
import { gatewayClassSchema } from "./gateway-class.ts";
import { gatewayConfigSchema } from "./gateway-config.ts";
import { gatewaySchema } from "./gateway.ts";
import type { KubeObject } from "./meta.ts";
import { namespaceSchema } from "./namespace.ts";
import { nodeSchema } from "./node.ts";
import { referenceGrantSchema } from "./reference-grant.ts";
import { secretSchema } from "./secret.ts";
import { serviceSchema } from "./service.ts";
import { staticServiceSchema } from "./static-service.ts";
import { officialUdpRouteSchema, udpRouteSchema } from "./udp-route.ts";

/** Any object of a kind in `KINDS`; what its kind says it is. */
export type AnyKubeObject = KubeObject;

/** What is known of a kind. */
export interface KindInfo {
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  /** Versions that are read, the preferred one first. */
  readonly versions: readonly string[];
  /** `apiVersion` that objects of this kind have here; where several are kept as they are, the preferred one. */
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly schema: z.ZodMiniType<KubeObject>;
  /** Whether the schema lists every field, so that an unknown one is a mistake. */
  readonly complete: boolean;
}

const COMPLETE: ReadonlySet<string> = new Set([GATEWAY_GROUP, STUNNER_GROUP]);

function kind(
  group: string,
  name: string,
  plural: string,
  scope: "Namespaced" | "Cluster",
  versions: readonly [string, ...string[]],
  schema: z.ZodMiniType<KubeObject>,
): KindInfo {
  const apiVersion = group === "" ? versions[0] : `${group}/${versions[0]}`;
  return { kind: name, group, versions, apiVersion, plural, namespaced: scope === "Namespaced", schema, complete: COMPLETE.has(group) };
}

/** Every kind that is read or written (spec/rendering.md 1.1). */
export const KINDS: readonly KindInfo[] = [
  kind(GATEWAY_GROUP, "GatewayClass", "gatewayclasses", "Cluster", ["v1", "v1beta1", "v1alpha2"], gatewayClassSchema),
  kind(GATEWAY_GROUP, "Gateway", "gateways", "Namespaced", ["v1", "v1beta1", "v1alpha2"], gatewaySchema),
  kind(GATEWAY_GROUP, "UDPRoute", "udproutes", "Namespaced", ["v1", "v1alpha2"], officialUdpRouteSchema),
  kind(GATEWAY_GROUP, "ReferenceGrant", "referencegrants", "Namespaced", ["v1", "v1beta1", "v1alpha2"], referenceGrantSchema),
  kind(STUNNER_GROUP, "UDPRoute", "udproutes", "Namespaced", ["v1"], udpRouteSchema),
  kind(STUNNER_GROUP, "GatewayConfig", "gatewayconfigs", "Namespaced", ["v1", "v1alpha1"], gatewayConfigSchema),
  kind(STUNNER_GROUP, "Dataplane", "dataplanes", "Cluster", ["v1", "v1alpha1"], dataplaneSchema),
  kind(STUNNER_GROUP, "StaticService", "staticservices", "Namespaced", ["v1", "v1alpha1"], staticServiceSchema),
  kind("", "Service", "services", "Namespaced", ["v1"], serviceSchema),
  kind("", "Endpoints", "endpoints", "Namespaced", ["v1"], endpointsSchema),
  kind("", "Secret", "secrets", "Namespaced", ["v1"], secretSchema),
  kind("", "ConfigMap", "configmaps", "Namespaced", ["v1"], configMapSchema),
  kind("", "Namespace", "namespaces", "Cluster", ["v1"], namespaceSchema),
  kind("", "Node", "nodes", "Cluster", ["v1"], nodeSchema),
  kind("discovery.k8s.io", "EndpointSlice", "endpointslices", "Namespaced", ["v1"], endpointSliceSchema),
  kind("apps", "Deployment", "deployments", "Namespaced", ["v1"], deploymentSchema),
  kind("apps", "DaemonSet", "daemonsets", "Namespaced", ["v1"], daemonSetSchema),
];

const BY_GROUP_KIND: ReadonlyMap<string, KindInfo> = new Map(KINDS.map((info) => [`${info.group}/${info.kind}`, info]));

/** API group of an `apiVersion`; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.lastIndexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** What is known of an object's kind, whatever its version; undefined where the kind is not ours to read. */
export function kindOf(object: { readonly apiVersion: string; readonly kind: string }): KindInfo | undefined {
  return BY_GROUP_KIND.get(`${groupOf(object.apiVersion)}/${object.kind}`);
}
