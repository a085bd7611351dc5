import { CDS_PORT, CONTROLLER_NAME, DEFAULT_LABEL_FILTER, THROTTLE_TIMEOUT_MS } from "../resources/constants.ts";
import { DELIVERIES } from "../resources/delivery.ts";
import {
  cdsUrl, clusterName, controllerName, duration, host, image, keys, listenAddress, logLevel, name, origins, path, portNumber, rate, secret, sidecarResources, storeUrl, truth, word,
} from "./readers.ts";
import type { Reader } from "./readers.ts";

/** What is known of one setting. Without a flag it is an environment variable only. */
export interface SettingRow<T = unknown> {
  readonly flag?: string;
  readonly env?: string;
  /** Placeholder of the value in the help; absent: a switch. */
  readonly value?: string;
  readonly initial: string;
  readonly reader: Reader<T>;
  readonly help: string;
  /** The verbs that have it. */
  readonly verbs: readonly Verb[];
}

export type Verb = "render" | "serve" | "reconcile" | "diff" | "teardown" | "token" | "ice";

const all = ["render", "serve", "reconcile", "diff", "teardown", "ice"] as const;
const rendering = ["render", "serve", "reconcile", "diff"] as const;
/** Decide which listeners there are. */
const listeners = [...rendering, "ice"] as const;
const passes = ["serve", "reconcile", "diff"] as const;
const clusters = ["serve", "reconcile", "diff", "teardown"] as const;
const places = [...clusters, "ice"] as const;
const stored = [...places, "token"] as const;
const serve = ["serve"] as const;
/** Leave behind what writes are judged by. */
const judged = ["serve", "reconcile"] as const;
const credentials = ["serve", "ice"] as const;
const keyed = [...rendering, "token"] as const;

/** At least what GKE Autopilot asks for, and no more (docs/decisions/0011). */
const SIDECAR_RESOURCES = '{"requests":{"cpu":"50m","memory":"64Mi"},"limits":{"cpu":"250m","memory":"64Mi"}}';

function row<T>(entry: SettingRow<T>): SettingRow<T> {
  return entry;
}

/**
 * Every setting, once: readers, defaults, command line, environment and docs/settings.md come from here
 * (DESIGN.md 4.1, spec/resources.md 6.1 and 6.2).
 */
export const SETTINGS = {
  controllerName: row({
    flag: "controller-name", env: "STUNNER_GATEWAY_OPERATOR_CONTROLLER_NAME", value: "NAME",
    initial: CONTROLLER_NAME, reader: controllerName, verbs: all,
    help: "GatewayClasses with this controllerName are ours",
  }),
  mode: row({
    flag: "dataplane-mode", env: "STUNNER_GATEWAY_OPERATOR_DATAPLANE_MODE", value: "MODE",
    initial: "managed", reader: word("managed", "legacy"), verbs: all,
    help: "managed: one dataplane per Gateway, configured by CDS; legacy: one ConfigMap per class",
  }),
  endpointDiscovery: row({
    flag: "endpoint-discovery", initial: "true", reader: truth, verbs: all,
    help: "put the addresses of backend pods into the configuration; false: backends become DNS names",
  }),
  endpointsOnly: row({
    flag: "disable-endpontslice-controller", initial: "false", reader: truth, verbs: all,
    help: "read Endpoints in place of EndpointSlices",
  }),
  labelFilter: row({
    env: "STUNNER_GATEWAY_OPERATOR_LABEL_FILTER", value: "KEY,…", initial: DEFAULT_LABEL_FILTER.join(","), reader: keys, verbs: rendering,
    help: "label and annotation keys that are never propagated; set but empty: all are",
  }),
  onInvalid: row({
    flag: "on-invalid", env: "STUNNER_ON_INVALID", value: "WHAT", initial: "hold", reader: word("hold", "teardown"), verbs: rendering,
    help: "what becomes of a running dataplane whose settings turn invalid: hold keeps it, teardown removes it",
  }),
  referenceGrants: row({
    flag: "reference-grants", env: "STUNNER_REFERENCE_GRANTS", value: "WHAT", initial: "permit",
    reader: word("permit", "enforce"), verbs: listeners,
    help: "references to other namespaces without a ReferenceGrant: permit reports them, enforce refuses them",
  }),
  certificates: row({
    flag: "certificates", env: "STUNNER_CERTIFICATES", value: "WHAT", initial: "verify", reader: word("verify", "trust"), verbs: listeners,
    help: "TLS certificates: verify that they parse and belong to their keys, or trust",
  }),
  releaseAfter: row({
    flag: "release-after", env: "STUNNER_RELEASE_AFTER", value: "DURATION", initial: "10m", reader: duration(), verbs: passes,
    help: "how long the class of a Gateway must be absent until its dataplane is removed",
  }),
  allowMassDelete: row({
    flag: "allow-mass-delete", env: "STUNNER_ALLOW_MASS_DELETE", initial: "false", reader: truth, verbs: passes,
    help: "let one pass delete more than 3 and more than 20 % of the Services that are ours",
  }),
  drift: row({
    flag: "drift", env: "STUNNER_DRIFT", value: "WHAT", initial: "correct", reader: word("correct", "report"), verbs: passes,
    help: "fields of ours that another hand changed: correct puts them back, report tells and leaves them",
  }),
  admission: row({
    flag: "admission", env: "STUNNER_ADMISSION", value: "WHAT", initial: "warn", reader: word("off", "warn", "deny"), verbs: judged,
    help: "mistakes in what is written to the cluster, where the event webhook is installed: warn tells them, deny refuses what is surely one",
  }),
  upstreamCompat: row({
    flag: "upstream-compat", env: "STUNNER_UPSTREAM_COMPAT", initial: "false", reader: truth, verbs: listeners,
    help: "defaults as the upstream operator has them: teardown, trust, permit, release at once, no mass-delete brake",
  }),
  manifests: row({
    flag: "manifests", env: "STUNNER_MANIFESTS", value: "DIR", initial: "", reader: path, verbs: places,
    help: "a directory of manifests that is the cluster; default: the examples that come with the program",
  }),
  out: row({
    flag: "out", env: "STUNNER_OUT", value: "DIR", initial: "", reader: path, verbs: places,
    help: "where objects and statuses are written, and read back as a cluster's; default: a temporary directory",
  }),
  store: row({
    flag: "store", env: "STUNNER_STORE", value: "URL", initial: "", reader: storeUrl, verbs: stored,
    help: "the object store: memory:, file:///directory, s3://bucket/prefix or gs://bucket/prefix; default: a temporary directory",
  }),
  cluster: row({
    flag: "cluster", env: "STUNNER_CLUSTER", value: "NAME", initial: "default", reader: clusterName, verbs: stored,
    help: "name of the cluster in the object store",
  }),
  listen: row({
    flag: "config-discovery-address", env: "STUNNER_CONFIG_DISCOVERY_ADDRESS", value: "HOST:PORT", initial: `:${CDS_PORT}`,
    reader: listenAddress, verbs: rendering,
    help: "where everything is served; without a host on loopback, any other address needs --token-keys or --insecure",
  }),
  advertisedHost: row({
    env: "STUNNER_GATEWAY_OPERATOR_ADDRESS", value: "HOST", initial: "", reader: host, verbs: rendering,
    help: "host at which pods reach this server, in place of that of --config-discovery-address; its port is kept",
  }),
  cdsUrl: row({
    flag: "cds-url", env: "STUNNER_CDS_URL", value: "URL", initial: "", reader: cdsUrl, verbs: rendering,
    help: "http://host:port at which pods reach this server, before everything else; with delivery proxy or pull https://host[:port][/path]",
  }),
  delivery: row({
    flag: "delivery", env: "STUNNER_DELIVERY", value: "HOW", initial: "direct", reader: word(...DELIVERIES), verbs: rendering,
    help: "how pods get their configuration: direct, or by a sidecar over TLS: proxy (nginx), pull (curl), or configmap: it is mounted",
  }),
  deliveryObject: row({
    flag: "delivery-object", env: "STUNNER_DELIVERY_OBJECT", value: "KIND", initial: "Secret", reader: name("Secret", "ConfigMap"), verbs: rendering,
    help: "what delivery configmap puts the configuration into: Secret or ConfigMap",
  }),
  cdsCa: row({
    flag: "cds-ca", env: "STUNNER_CDS_CA", value: "FILE", initial: "", reader: path, verbs: rendering,
    help: "PEM of the authorities that may have signed the certificate at --cds-url, or a file that holds it; default: those of the image",
  }),
  proxyImage: row({
    flag: "proxy-image", env: "STUNNER_PROXY_IMAGE", value: "IMAGE", initial: "docker.io/library/nginx:1.28.0", reader: image, verbs: rendering,
    help: "nginx with its njs module, for delivery proxy",
  }),
  pullImage: row({
    flag: "pull-image", env: "STUNNER_PULL_IMAGE", value: "IMAGE", initial: "docker.io/curlimages/curl:8.16.0", reader: image, verbs: rendering,
    help: "curl of 7.84 or newer with a shell, for delivery pull",
  }),
  sidecarPullPolicy: row({
    flag: "sidecar-pull-policy", env: "STUNNER_SIDECAR_PULL_POLICY", value: "POLICY", initial: "IfNotPresent",
    reader: name("Always", "IfNotPresent", "Never"), verbs: rendering,
    help: "when these images are pulled: Always, IfNotPresent or Never",
  }),
  sidecarResources: row({
    flag: "sidecar-resources", env: "STUNNER_SIDECAR_RESOURCES", value: "JSON", initial: SIDECAR_RESOURCES, reader: sidecarResources, verbs: rendering,
    help: "requests and limits of these sidecars",
  }),
  pollInterval: row({
    flag: "poll-interval", env: "STUNNER_POLL_INTERVAL", value: "DURATION", initial: "10s", reader: duration(1000), verbs: rendering,
    help: "how often delivery pull asks; every second for two minutes after a change",
  }),
  insecure: row({
    flag: "insecure", env: "STUNNER_INSECURE", initial: "false", reader: truth, verbs: serve,
    help: "serve configurations, which hold TURN passwords and TLS keys, to whoever can connect",
  }),
  tokenKeys: row({
    flag: "token-keys", env: "STUNNER_TOKEN_KEYS", value: "FILE", initial: "", reader: secret, verbs: keyed,
    help: "keys of the tokens that open what is served: a file, read again when it changes; the variable may hold the keys themselves",
  }),
  tlsCert: row({
    flag: "tls-cert", env: "STUNNER_TLS_CERT", value: "FILE", initial: "", reader: path, verbs: serve,
    help: "serve over TLS with this certificate chain in PEM, read again when it changes; needs --tls-key",
  }),
  tlsKey: row({
    flag: "tls-key", env: "STUNNER_TLS_KEY", value: "FILE", initial: "", reader: path, verbs: serve,
    help: "private key in PEM of --tls-cert",
  }),
  throttle: row({
    flag: "throttle-timeout", env: "STUNNER_THROTTLE_TIMEOUT", value: "DURATION", initial: `${THROTTLE_TIMEOUT_MS}ms`, reader: duration(), verbs: serve,
    help: "least time between two renders; the first after quiet starts at once",
  }),
  resync: row({
    flag: "resync", env: "STUNNER_RESYNC", value: "DURATION", initial: "5m", reader: duration(100), verbs: serve,
    help: "look at everything again at least this often",
  }),
  finalizer: row({
    flag: "enable-finalizer", initial: "false", reader: truth, verbs: serve,
    help: "on stop, invalidate every class and remove its dataplanes",
  }),
  kubeconfig: row({
    flag: "kubeconfig", env: "KUBECONFIG", value: "FILE", initial: "", reader: path, verbs: clusters,
    help: "the cluster is the one that the current context names; KUBECONFIG counts only without --manifests",
  }),
  clusters: row({
    flag: "clusters", env: "STUNNER_CLUSTERS", value: "LIST", initial: "", reader: secret, verbs: serve,
    help: "several clusters, in place of --kubeconfig and --manifests: a JSON list of them, or a file that holds it",
  }),
  eventToken: row({
    flag: "event-token", env: "STUNNER_EVENT_TOKEN", value: "TOKEN", initial: "", reader: secret, verbs: serve,
    help: "lets events in at /v1/clusters/NAME/events/TOKEN; without one none are",
  }),
  apiKeys: row({
    env: "STUNNER_API_KEYS", value: "KEY,…", initial: "", reader: keys, verbs: serve,
    help: "keys that open / and /ice, of 16 characters and more; without one they are open on loopback and with --insecure",
  }),
  apiKeysFile: row({
    flag: "api-keys-file", env: "STUNNER_API_KEYS_FILE", value: "FILE", initial: "", reader: path, verbs: serve,
    help: "a file with more such keys, one on each line",
  }),
  corsOrigins: row({
    flag: "cors-origins", env: "STUNNER_CORS_ORIGINS", value: "ORIGIN,…", initial: "", reader: origins, verbs: serve,
    help: "origins whose pages may read / and /ice, such as https://app.example.com; * means all",
  }),
  credentialsRate: row({
    flag: "credentials-rate", env: "STUNNER_CREDENTIALS_RATE", value: "N", initial: "20", reader: rate, verbs: serve,
    help: "requests a second of one caller that / and /ice answer, ten times as many at once; 0: no limit",
  }),
  publicAddress: row({
    flag: "public-addr", env: "STUNNER_PUBLIC_ADDR", value: "HOST", initial: "", reader: host, verbs: credentials,
    help: "stands in the URIs of / and /ice in place of the public addresses of listeners",
  }),
  publicPort: row({
    flag: "public-port", env: "STUNNER_PUBLIC_PORT", value: "PORT", initial: "0", reader: portNumber, verbs: credentials,
    help: "stands in these URIs in place of the public ports of listeners; 0: theirs do",
  }),
  logLevel: row({
    flag: "zap-log-level", env: "STUNNER_LOG_LEVEL", value: "LEVEL", initial: "info", reader: logLevel, verbs: serve,
    help: "debug, info, warn, error, panic, or a number: verbosity",
  }),
  accessLog: row({
    flag: "access-log", env: "STUNNER_ACCESS_LOG", initial: "false", reader: truth, verbs: serve,
    help: "one line for each request, without secrets; false: only at the level debug",
  }),
  logFormat: row({
    flag: "zap-encoder", env: "STUNNER_LOG_FORMAT", value: "FORMAT", initial: "auto", reader: word("auto", "console", "json"), verbs: serve,
    help: "console or json; auto: console on a terminal, else json",
  }),
} as const;

/** Flags of the upstream operator that are accepted and change nothing here, with the line that is printed. */
export const WITHOUT_MEANING: Readonly<Record<string, { readonly value?: string; readonly note: string }>> = {
  "metrics-bind-address": { value: "ADDRESS", note: "metrics are at /metrics of --config-discovery-address" },
  "health-probe-bind-address": { value: "ADDRESS", note: "/healthz and /readyz are at --config-discovery-address" },
  "pprof-bind-address": { value: "ADDRESS", note: "there is no profiler; use node --inspect" },
  "leader-elect": { note: "there is nothing to elect: the store keeps writers apart" },
  "zap-devel": { note: "logs have one form for development and production" },
  "zap-stacktrace-level": { value: "LEVEL", note: "stack traces are logged for bugs only" },
  "zap-time-encoding": { value: "FORMAT", note: "times are logged as RFC 3339 or, in JSON, as milliseconds" },
};

/** The same for environment variables. */
export const ENVIRONMENT_WITHOUT_MEANING: Readonly<Record<string, string>> = {
  STUNNER_GATEWAY_OPERATOR_PPROF_BIND_ADDRESS: "there is no profiler; use node --inspect",
  CUSTOMER_KEY: "everything works without a licence key",
};
