import { CDS_PORT, STUNNER_GROUP } from "../../shared/resources/constants.ts";

export interface ClientProxyOptions {
  /** `https://host[:port][/prefix]` of the config discovery server. */
  readonly url: string;
  /** Name of the cluster there; absent: the URL says it. */
  readonly cluster?: string | undefined;
  readonly namespace: string;
  /** Any with Node and npx. */
  readonly image: string;
  /** Of the program that is run. */
  readonly version: string;
  /** Secret in the namespace whose key `token` opens the server. */
  readonly secret: string;
  /** PEM of the authority that signed the server's certificate; absent: one that everybody trusts. */
  readonly ca?: string | undefined;
  /** Also for programs that are given an address and do not look for the pod. Then the whole cluster can read all passwords. */
  readonly service: boolean;
}

export const CLIENT_PROXY_IMAGE = "docker.io/library/node:24-alpine";
export const CLIENT_PROXY_SECRET = "stunner-serverless-cds-token";

const NAME = "stunner-serverless-client-proxy";
/** By which stunnerctl, turncat and the auth service find it; there must be one such pod (spec/cds.md 8.5). */
const DISCOVERY_LABEL = { [`${STUNNER_GROUP}/config-discovery-service`]: "enabled" };
const SELECTOR = { "app.kubernetes.io/name": NAME };

/**
 * A pod in which `cds-proxy` stands for a remote config discovery server. Whoever finds it by its label reaches it by a
 * port-forward, which ends on the pod's loopback: so nothing else need be listened on.
 */
export function clientProxy(options: ClientProxyOptions): object[] {
  const { namespace, ca, service } = options;
  const metadata = { name: NAME, namespace, labels: SELECTOR };
  return [
    ...(ca === undefined ? [] : [{ apiVersion: "v1", kind: "ConfigMap", metadata, data: { "ca.crt": ca } }]),
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 1,
        // Two pods at a time would be one too many to be found.
        strategy: { type: "Recreate" },
        selector: { matchLabels: SELECTOR },
        template: { metadata: { labels: { ...SELECTOR, ...DISCOVERY_LABEL } }, spec: podSpec(options) },
      },
    },
    ...(service ? [{ apiVersion: "v1", kind: "Service", metadata, spec: { selector: SELECTOR, ports: [{ name: "cds", port: CDS_PORT, targetPort: "cds", protocol: "TCP" }] } }] : []),
  ];
}

function podSpec({ url, cluster, image, version, secret, ca, service }: ClientProxyOptions): object {
  const args = [
    url,
    ...(cluster === undefined ? [] : [`--cluster=${cluster}`]),
    "--token-file=/etc/cds-token/token",
    ...(ca === undefined ? [] : ["--ca=/etc/cds-ca/ca.crt"]),
    ...(service ? [`--listen=0.0.0.0:${CDS_PORT}`, "--insecure"] : []),
  ];
  const mounts = [
    { name: "token", mountPath: "/etc/cds-token", readOnly: true },
    ...(ca === undefined ? [] : [{ name: "ca", mountPath: "/etc/cds-ca", readOnly: true }]),
    { name: "tmp", mountPath: "/tmp" },
  ];
  const container = {
    name: "cds-proxy",
    image,
    command: ["npx", "--yes", `stunner-serverless@${version}`, "cds-proxy"],
    args,
    // The program is fetched into it.
    env: [{ name: "HOME", value: "/tmp" }],
    ports: [{ name: "cds", containerPort: CDS_PORT, protocol: "TCP" }],
    ...(service ? { readinessProbe: { httpGet: { path: "/healthz", port: "cds" } } } : {}),
    resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "256Mi" } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
    volumeMounts: mounts,
  };
  return {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, seccompProfile: { type: "RuntimeDefault" } },
    containers: [container],
    volumes: [
      { name: "token", secret: { secretName: secret, defaultMode: 0o440 } },
      ...(ca === undefined ? [] : [{ name: "ca", configMap: { name: NAME } }]),
      { name: "tmp", emptyDir: { sizeLimit: "256Mi" } },
    ],
  };
}
