import {
  DEFAULT_ARGS,
  DEFAULT_COMMAND,
  DEFAULT_IMAGE,
  DEFAULT_IMAGE_PULL_POLICY,
  DEFAULT_TERMINATION_GRACE_PERIOD_SECONDS,
  GATEWAY_NAME_LABEL,
  HEALTH_CHECK_PORT,
  LIVENESS_PATH,
  METRICS_PORT,
  METRICS_PORT_NAME,
  READINESS_PATH,
  STUNNER_DAEMON,
} from "../resources/constants.ts";
import type { Dataplane } from "../resources/dataplane.ts";
import type { Gateway } from "../resources/gateway.ts";
import { deliveryPod, type DeliveryPod } from "./delivery/pod.ts";
import { gatewayOwner, ownedLabels, podSelector, relatedAnnotation } from "./owner.ts";
import { infrastructure, propagatedAnnotations, propagatedLabels } from "./propagation.ts";
import type { DesiredObject, RenderOptions } from "./result.ts";

type DataplaneSpec = NonNullable<Dataplane["spec"]>;

const DEFAULT_RESOURCES = { limits: { memory: "20M" }, requests: { cpu: "250m" } };

/**
 * The Deployment or DaemonSet that runs stunnerd for a Gateway (spec/resources.md 3; I23, I25, I28, I33, I41).
 * @param port of its proxy, where it has one
 */
export function desiredWorkload(options: RenderOptions, gateway: Gateway, dataplane: Dataplane, port = 0): DesiredObject {
  const spec = dataplane.spec ?? {};
  const { name, namespace = "" } = gateway.metadata;
  const isDaemonSet = spec.dataplaneResource === "DaemonSet";
  // One replica is what Kubernetes makes of none, and an autoscaler may then have its say (spec/resources.md 3.5).
  const hasReplicas = !isDaemonSet && spec.replicas !== undefined && spec.replicas !== 1;
  return {
    apiVersion: "apps/v1",
    kind: isDaemonSet ? "DaemonSet" : "Deployment",
    metadata: {
      name,
      namespace,
      labels: { ...propagatedLabels(gateway, options.labelFilter), ...ownedLabels(gateway) },
      annotations: { ...propagatedAnnotations(gateway, options.labelFilter), ...relatedAnnotation(gateway) },
      ownerReferences: [gatewayOwner(gateway)],
    },
    spec: {
      ...(hasReplicas ? { replicas: spec.replicas } : {}),
      selector: {
        matchExpressions: Object.entries(podSelector(gateway)).map(([key, value]) => ({ key, operator: "In", values: [value] })),
      },
      template: { metadata: podMetadata(options, gateway, spec), spec: podSpec(options, gateway, spec, port) },
    },
  };
}

function podMetadata(options: RenderOptions, gateway: Gateway, spec: DataplaneSpec): unknown {
  const { labels, annotations } = infrastructure(gateway, options.labelFilter);
  return {
    labels: { ...spec.labels, ...labels, [GATEWAY_NAME_LABEL]: gateway.metadata.name, ...podSelector(gateway) },
    annotations: { ...spec.annotations, ...annotations, ...relatedAnnotation(gateway) },
  };
}

function podSpec(options: RenderOptions, gateway: Gateway, spec: DataplaneSpec, port: number): unknown {
  const delivery = deliveryPod(options.delivery, gateway, options.configOrigin, nodeName(spec), port);
  return {
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? DEFAULT_TERMINATION_GRACE_PERIOD_SECONDS,
    ...(spec.hostNetwork ? { hostNetwork: true } : {}),
    ...(spec.affinity ? { affinity: spec.affinity } : {}),
    ...(spec.tolerations ? { tolerations: spec.tolerations } : {}),
    ...(spec.securityContext ? { securityContext: spec.securityContext } : {}),
    ...(spec.imagePullSecrets?.length ? { imagePullSecrets: lastOf(spec.imagePullSecrets, (one) => one.name ?? "") } : {}),
    ...(spec.topologySpreadConstraints?.length
      ? { topologySpreadConstraints: lastOf(spec.topologySpreadConstraints, (one) => `${one.topologyKey} ${one.whenUnsatisfiable}`) }
      : {}),
    ...(delivery.initContainers ? { initContainers: delivery.initContainers } : {}),
    containers: [container(gateway, spec, delivery)],
    ...(delivery.volumes ? { volumes: delivery.volumes } : {}),
  };
}

const probe = (path: string) => ({
  httpGet: { path, port: HEALTH_CHECK_PORT, scheme: "HTTP" },
  periodSeconds: 15,
  successThreshold: 1,
  failureThreshold: 3,
  timeoutSeconds: 1,
});

function container(gateway: Gateway, spec: DataplaneSpec, delivery: DeliveryPod): unknown {
  return {
    name: STUNNER_DAEMON,
    image: spec.image || DEFAULT_IMAGE,
    imagePullPolicy: spec.imagePullPolicy || DEFAULT_IMAGE_PULL_POLICY,
    command: spec.command?.length ? spec.command : DEFAULT_COMMAND,
    args: spec.args?.length ? spec.args : DEFAULT_ARGS,
    env: environment(gateway, spec, delivery.origin),
    ...(spec.envFrom?.length ? { envFrom: spec.envFrom } : {}),
    ports: [{ name: METRICS_PORT_NAME, containerPort: METRICS_PORT, protocol: "TCP" }],
    resources: spec.resources ?? DEFAULT_RESOURCES,
    ...(spec.containerSecurityContext ? { securityContext: spec.containerSecurityContext } : {}),
    ...(spec.disableHealthCheck ? {} : { livenessProbe: probe(LIVENESS_PATH), readinessProbe: probe(READINESS_PATH) }),
    ...(delivery.volumeMounts ? { volumeMounts: delivery.volumeMounts } : {}),
  };
}

const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

const NODE_NAME = "STUNNER_NODENAME";

/** The variable by which stunnerd knows its node. */
function nodeName({ env = [] }: DataplaneSpec): { readonly name: string } {
  return env.findLast(({ name }) => name === NODE_NAME) ?? field(NODE_NAME, "spec.nodeName");
}

/** Of items with one key the last: Kubernetes lets it win, but server-side apply refuses repetitions. */
function lastOf<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((one) => [key(one), one])).values()];
}

/** In upstream's order, the Dataplane's variables last (spec/resources.md 3.3). */
function environment(gateway: Gateway, spec: DataplaneSpec, origin: string): unknown[] {
  const fixed = [
    field("STUNNER_ADDR", "status.podIP"),
    { name: "STUNNER_NAME", value: gateway.metadata.name },
    { name: "STUNNER_NAMESPACE", value: gateway.metadata.namespace ?? "" },
    field(NODE_NAME, "spec.nodeName"),
    { name: "STUNNER_CONFIG_ORIGIN", value: origin },
  ];
  return lastOf<{ name: string }>([...fixed, ...(spec.env ?? [])], (one) => one.name);
}
