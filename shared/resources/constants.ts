/** Constants of spec/rendering.md 1.6 and spec/resources.md 1, 2.6, 3.1, 3.2. */

export const STUNNER_GROUP = "stunner.l7mp.io";
export const GATEWAY_GROUP = "gateway.networking.k8s.io";

export const CONTROLLER_NAME = "stunner.l7mp.io/gateway-operator";

export const OWNED_BY_LABEL = "stunner.l7mp.io/owned-by";
export const OWNED_BY_VALUE = "stunner";
/** As an annotation `namespace/name` of the Gateway, as a label its name only. */
export const RELATED_GATEWAY_KEY = "stunner.l7mp.io/related-gateway-name";
export const RELATED_GATEWAY_NAMESPACE_LABEL = "stunner.l7mp.io/related-gateway-namespace";
export const APP_LABEL = "app";
export const APP_VALUE = "stunner";
/** Label of Gateway API on what belongs to a Gateway (improvements I41). */
export const GATEWAY_NAME_LABEL = "gateway.networking.k8s.io/gateway-name";
/** Label of an EndpointSlice that names its Service. */
export const SERVICE_NAME_LABEL = "kubernetes.io/service-name";

export const SERVICE_TYPE_ANNOTATION = "stunner.l7mp.io/service-type";
export const MIXED_PROTOCOL_ANNOTATION = "stunner.l7mp.io/enable-mixed-protocol-lb";
export const EXTERNAL_TRAFFIC_POLICY_ANNOTATION = "stunner.l7mp.io/external-traffic-policy";
export const NODEPORT_ANNOTATION = "stunner.l7mp.io/nodeport";
export const TARGETPORT_ANNOTATION = "stunner.l7mp.io/targetport";
export const DISABLE_HEALTH_CHECK_EXPOSE_ANNOTATION = "stunner.l7mp.io/disable-health-check-expose";
export const DISABLE_SESSION_AFFINITY_ANNOTATION = "stunner.l7mp.io/disable-session-affinity";
export const DISABLE_MANAGED_DATAPLANE_ANNOTATION = "stunner.l7mp.io/disable-managed-dataplane";
export const RELAY_ADDRESS_DISCOVERY_ANNOTATION = "stunner.l7mp.io/enable-relay-address-discovery";
/** kubectl's own note; never propagated (improvements I28). */
export const LAST_APPLIED_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";

/** Keys that are never propagated from a Gateway (spec/resources.md 3.1.3). */
export const DEFAULT_LABEL_FILTER: readonly string[] = [
  "applyset.kubernetes.io/part-of",
  "applyset.k8s.io/part-of",
  "app.kubernetes.io/managed-by",
  "argocd.argoproj.io/instance",
  "kustomize.toolkit.fluxcd.io/name",
  "kustomize.toolkit.fluxcd.io/namespace",
];

export const LEGACY_CONFIG_MAP_NAME = "stunnerd-config";
export const LEGACY_CONFIG_MAP_KEY = "stunnerd.conf";
/** Container name, and `admin.name` in legacy mode. */
export const STUNNER_DAEMON = "stunner-daemon";

export const DEFAULT_DATAPLANE = "default";
export const DEFAULT_REALM = "stunner.l7mp.io";
export const DEFAULT_AUTH_TYPE = "static";
export const DEFAULT_LOG_LEVEL = "all:INFO";

export const HEALTH_CHECK_ENDPOINT = "http://:8086";
export const HEALTH_CHECK_PORT = 8086;
export const LIVENESS_PATH = "/live";
export const READINESS_PATH = "/ready";
export const METRICS_ENDPOINT = "http://:8080/metrics";
export const METRICS_PORT = 8080;
export const METRICS_PORT_NAME = "metrics-port";
export const HEALTH_CHECK_PORT_NAME = "gateway-health-check";

export const CDS_PORT = 13478;
export const MIN_RELAY_PORT = 1;
export const MAX_RELAY_PORT = 65535;
export const THROTTLE_TIMEOUT_MS = 250;

export const DEFAULT_IMAGE = "l7mp/stunnerd:latest";
export const DEFAULT_IMAGE_PULL_POLICY = "Always";
export const DEFAULT_COMMAND: readonly string[] = ["stunnerd"];
export const DEFAULT_ARGS: readonly string[] = ["-w", "--udp-thread-num=16"];
export const DEFAULT_TERMINATION_GRACE_PERIOD_SECONDS = 3600;
