import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CONTROLLER_NAME } from "../../shared/resources/constants.ts";
import type { ClusterClient } from "./client.ts";
import { reference, type Manifest } from "./resource.ts";

type Fields = Readonly<Record<string, unknown>>;

const GATEWAY_API = "gateway.networking.k8s.io/v1";
const STUNNER = "stunner.l7mp.io/v1";

export const namespace = (name: string, labels: Fields = {}): Manifest => ({ ...reference("v1", "Namespace", name), metadata: { name, labels } });

export const gatewayClass = (spec: Fields = {}, name = "turn"): Manifest => ({
  ...reference(GATEWAY_API, "GatewayClass", name),
  spec: { controllerName: CONTROLLER_NAME, parametersRef: { group: "stunner.l7mp.io", kind: "GatewayConfig", namespace: "media", name: "conf" }, ...spec },
});

export const gatewayConfig = (spec: Fields = {}): Manifest => ({
  ...reference(STUNNER, "GatewayConfig", "conf", "media"),
  spec: { authRef: { name: "users" }, ...spec },
});

export const secret = (): Manifest => ({
  ...reference("v1", "Secret", "users", "media"),
  stringData: { type: "static", username: "alice", password: "Planted-secret-of-alice" },
});

const pem = (name: string): string => readFileSync(join(import.meta.dirname, "../support/certificates", name)).toString("base64");

export const tlsSecret = (): Manifest => ({
  ...reference("v1", "Secret", "cert", "media"),
  type: "kubernetes.io/tls",
  data: { "tls.crt": pem("one.crt"), "tls.key": pem("one.key") },
});

export const dataplane = (spec: Fields = {}, name = "default"): Manifest => ({ ...reference(STUNNER, "Dataplane", name), spec: { image: "l7mp/stunnerd:1.2.1", ...spec } });

export const listener = (name: string, port: number, protocol = "TURN-UDP", more: Fields = {}): Fields => ({ name, port, protocol, ...more });

export const gateway = (name = "gw", spec: Fields = {}, metadata: Fields = {}): Manifest => ({
  apiVersion: GATEWAY_API,
  kind: "Gateway",
  metadata: { name, namespace: "media", ...metadata },
  spec: { gatewayClassName: "turn", listeners: [listener("udp", 3478)], ...spec },
});

export const udpRoute = (name = "route", { parents = ["gw"], backends = ["server"], rule = {} as Fields, apiVersion = STUNNER } = {}): Manifest => ({
  ...reference(apiVersion, "UDPRoute", name, "media"),
  spec: {
    parentRefs: parents.map((parent) => ({ name: parent })),
    rules: [{ ...rule, backendRefs: backends.map((backend) => ({ name: backend, ...(apiVersion === STUNNER ? {} : { port: 9000 }) })) }],
  },
});

export const backend = (name = "server"): Manifest[] => [
  { ...reference("v1", "Service", name, "media"), spec: { selector: { app: name }, ports: [{ name: "rtp", port: 9000, protocol: "UDP" }] } },
  {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${name}-1`, namespace: "media", labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.244.0.11"], conditions: { ready: true } }],
    ports: [{ name: "rtp", port: 9000, protocol: "UDP" }],
  },
];

/** A Gateway with one listener, its class, credentials, a route and a backend. */
export const SMALL: readonly Manifest[] = [namespace("media"), gatewayClass(), gatewayConfig(), secret(), dataplane(), gateway(), udpRoute(), ...backend()];

/** A Dataplane with every field that becomes part of a pod template, spelled as the API server would not. */
export const RICH_DATAPLANE: Fields = {
  image: "registry.example/stunnerd:2",
  imagePullPolicy: "IfNotPresent",
  command: ["/bin/stunnerd"],
  args: ["-w", ""],
  replicas: 3,
  labels: { tier: "edge", empty: "" },
  annotations: { "prometheus.io/scrape": "true", note: "" },
  env: [
    { name: "EMPTY", value: "" },
    { name: "PLAIN", value: "1" },
    { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
    { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
    { name: "MEMORY", valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1024Ki", containerName: "" } } },
    { name: "TOKEN", valueFrom: { secretKeyRef: { name: "tokens", key: "t", optional: false } } },
    { name: "MODE", valueFrom: { configMapKeyRef: { name: "modes", key: "m", optional: true } } },
  ],
  envFrom: [{ prefix: "", configMapRef: { name: "env", optional: false } }, { secretRef: { name: "env" } }],
  resources: { limits: { cpu: 2, memory: "1024Mi", "ephemeral-storage": "1e9" }, requests: { cpu: "0.5", memory: "0.25Gi" } },
  containerSecurityContext: {
    allowPrivilegeEscalation: false,
    privileged: false,
    readOnlyRootFilesystem: false,
    runAsNonRoot: false,
    runAsUser: 0,
    capabilities: { drop: ["ALL"], add: [] },
    seccompProfile: { type: "RuntimeDefault" },
    seLinuxOptions: { level: "s0", user: "" },
  },
  securityContext: { fsGroup: 0, runAsUser: 1000, supplementalGroups: [1, 2], sysctls: [{ name: "kernel.shm_rmid_forced", value: "1" }], seLinuxOptions: {} },
  terminationGracePeriodSeconds: 0,
  hostNetwork: true,
  affinity: {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: "zone", operator: "Exists", values: [] }], matchFields: [] } }],
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "edge", operator: "In", values: ["a", "b"] }] }] },
    },
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: "stunner" }, matchExpressions: [] }, namespaces: [], namespaceSelector: {}, topologyKey: "host" }],
    },
  },
  tolerations: [{ key: "edge", operator: "Exists", value: "" }, { key: "gone", operator: "Equal", value: "x", effect: "NoExecute", tolerationSeconds: 0 }],
  imagePullSecrets: [{ name: "pull-1" }, { name: "pull-2" }],
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway", labelSelector: { matchLabels: { app: "stunner" } } },
    { maxSkew: 2, topologyKey: "host", whenUnsatisfiable: "DoNotSchedule", labelSelector: {}, matchLabelKeys: [], nodeTaintsPolicy: "Honor" },
  ],
};

/** A Gateway that makes use of everything that goes on to its Service. */
export const richGateway = (name = "gw", spec: Fields = {}): Manifest =>
  gateway(
    name,
    {
      addresses: [{ type: "IPAddress", value: "203.0.113.7" }],
      infrastructure: { labels: { "infra-label": "a" }, annotations: { "infra/annotation": "b" } },
      listeners: [
        listener("udp", 3478, "TURN-UDP", { allowedRoutes: { namespaces: { from: "Selector", selector: { matchLabels: { team: "media" } } } } }),
        listener("udp-2", 3479),
        listener("tcp", 3478, "TURN-TCP"),
        listener("tls", 443, "TURN-TLS", { tls: { certificateRefs: [{ name: "cert" }] } }),
      ],
      ...spec,
    },
    {
      labels: { team: "media", empty: "" },
      annotations: {
        note: "",
        "cloud.example/size": "small",
        "stunner.l7mp.io/enable-mixed-protocol-lb": "true",
        "stunner.l7mp.io/external-traffic-policy": "local",
        "stunner.l7mp.io/targetport": '{"udp":13478}',
        "stunner.l7mp.io/nodeport": '{"udp":30478}',
      },
    },
  );

/** What a richer cluster has. */
export const RICH: readonly Manifest[] = [
  namespace("media", { team: "media" }),
  gatewayClass(),
  gatewayConfig({ loadBalancerServiceAnnotations: { "from/config": "yes" } }),
  secret(),
  tlsSecret(),
  dataplane(RICH_DATAPLANE),
  richGateway(),
  udpRoute(),
  ...backend(),
];

/** Applies manifests one after the other, as the user `user`. */
export async function install(cluster: ClusterClient, manifests: readonly Manifest[]): Promise<void> {
  for (const manifest of manifests) await cluster.apply(manifest, { fieldManager: "user" });
}
