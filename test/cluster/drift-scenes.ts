import type { Delivery } from "../../shared/resources/delivery.ts";
import type { JsonObject } from "../support/json.ts";
import { mounted, remote } from "./live-delivery.ts";
import { dataplane, RICH, RICH_DATAPLANE, SMALL } from "./live-fixture.ts";
import type { Manifest } from "./resource.ts";

/** A cluster of which every field that we make is edited and deleted by hand. */
export interface Scene {
  readonly name: string;
  readonly manifests: readonly Manifest[];
  readonly mode?: "managed" | "legacy";
  readonly delivery?: Delivery;
  /** Kinds whose fields are edited and deleted. */
  readonly kinds: readonly string[];
}

const METADATA: JsonObject = {
  labels: { "gitops/instance": "x" },
  annotations: { "gitops/id": "y" },
  finalizers: ["cloud.example/hold"],
  ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "other", uid: "u-1" }],
};

const TEMPLATE: JsonObject = {
  metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z" }, labels: { injected: "yes" } },
  spec: {
    nodeSelector: { pool: "edge" },
    containers: [
      { name: "stunner-daemon", env: [{ name: "INJECTED", value: "1" }], lifecycle: { preStop: { exec: { command: ["true"] } } }, volumeMounts: [{ name: "shared", mountPath: "/shared" }] },
      { name: "sidecar", image: "example/sidecar:1" },
    ],
    volumes: [{ name: "shared", emptyDir: { sizeLimit: "1Gi" } }],
  },
};

/** What others have put into objects of ours, by kind. */
export const FOREIGN: Readonly<Record<string, JsonObject>> = {
  Service: { metadata: METADATA, spec: { internalTrafficPolicy: "Local", loadBalancerSourceRanges: ["10.0.0.0/8"], publishNotReadyAddresses: true } },
  Deployment: { metadata: METADATA, spec: { minReadySeconds: 3, strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "50%", maxUnavailable: 0 } }, template: TEMPLATE } },
  DaemonSet: { metadata: METADATA, spec: { minReadySeconds: 3, updateStrategy: { type: "OnDelete" }, template: TEMPLATE } },
  ConfigMap: { metadata: METADATA, data: { other: "theirs" } },
  Secret: { metadata: METADATA, data: { other: "eA==" } },
};

export const SCENES: readonly Scene[] = [
  { name: "managed", manifests: RICH, kinds: ["Service", "Deployment"] },
  { name: "in a DaemonSet", manifests: [...RICH, dataplane({ ...RICH_DATAPLANE, dataplaneResource: "DaemonSet" })], kinds: ["DaemonSet"] },
  { name: "legacy", manifests: RICH, mode: "legacy", kinds: ["Service", "ConfigMap"] },
  { name: "by proxy", manifests: SMALL, delivery: remote("proxy", { ca: "PEM" }), kinds: ["ConfigMap", "Secret", "Deployment"] },
  { name: "by pull", manifests: SMALL, delivery: remote("pull", { ca: "PEM" }), kinds: ["ConfigMap", "Secret", "Deployment"] },
  { name: "by a mounted Secret", manifests: SMALL, delivery: mounted("Secret"), kinds: ["Secret", "Deployment"] },
  { name: "by a mounted ConfigMap", manifests: SMALL, delivery: mounted("ConfigMap"), kinds: ["ConfigMap", "Deployment"] },
];

/** What an API server does not let go, or fills in again the same. */
interface Untouched {
  readonly edited: readonly RegExp[];
  readonly deleted: readonly RegExp[];
}

const ROOT = /^(metadata|spec)$/;
const SELECTED = /^spec\.template\.metadata\.labels\.(app|stunner\.l7mp\.io\/related-gateway-(name|namespace))$/;
const VOLUME_OF_MOUNT = /\.volumeMounts\[[^\]]+\]\.name$/;

const WORKLOAD: Untouched = {
  edited: [
    /^spec\.selector$/, SELECTED, VOLUME_OF_MOUNT,
    // They consist of what tells them apart.
    /\.imagePullSecrets\[[^\]]+\]$/,
    // These have one value, with what stands beside them.
    /\.livenessProbe\.successThreshold$/, /\.securityContext\.privileged$/, /\.initContainers\[[^\]]+\]\.restartPolicy$/,
  ],
  deleted: [
    ROOT, SELECTED, VOLUME_OF_MOUNT,
    /^spec\.(selector|template)$/, /^spec\.template\.(spec|metadata|metadata\.labels|spec\.containers)$/,
    /\.(image|imagePullPolicy|maxSkew)$/, /\.valueFrom\.\w+Ref$/, /\.seccompProfile\.type$/,
    /Probe\.(httpGet|httpGet\.port|httpGet\.scheme|successThreshold|failureThreshold|timeoutSeconds)$/,
    /\.volumes(\[[^\]]+\](\.secret\.secretName|\.configMap\.name)?)?$/,
  ],
};

export const UNTOUCHED: Readonly<Record<string, Untouched>> = {
  // Some foreign fields are only allowed with this type: see drift-odd.
  Service: { edited: [/^spec\.type$/], deleted: [ROOT, /^spec\.(type|ports)$/, /^spec\.ports\[[^\]]+\]\.(name|targetPort|nodePort)$/] },
  Deployment: WORKLOAD,
  DaemonSet: WORKLOAD,
  ConfigMap: { edited: [], deleted: [ROOT] },
  Secret: { edited: [/^type$/], deleted: [ROOT, /^type$/] },
};
