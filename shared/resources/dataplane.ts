import * as z from "zod/mini";
import { doc } from "./crd-metadata.ts";
import { int, int32, int64, list, text, textMap, withDefault } from "./fields.ts";
import { objectMetaSchema } from "./meta.ts";
import { affinitySchema } from "./pod/affinity.ts";
import { envFromSchema, envVarSchema, localReference } from "./pod/env.ts";
import { resourcesSchema } from "./pod/resources.ts";
import { tolerationSchema, topologySpreadConstraintSchema } from "./pod/scheduling.ts";
import { containerSecurityContextSchema, podSecurityContextSchema } from "./pod/security-context.ts";

// Not grouped, so that the anchors bind the first and the last word only: that is what is installed everywhere.
const OFFLOAD_ENGINE = "^None|XDP|TC|Auto$";
const OFFLOAD_WORDS = "one of None, XDP, TC and Auto";

const sharedShape = {
  affinity: doc("Which nodes the pods prefer or need.", z.optional(affinitySchema)),
  args: doc("Arguments of the container's command.", z.optional(list(z.string()))),
  command: doc("Command of the container.", z.optional(list(z.string()))),
  env: doc("Environment variables of the container.", z.optional(list(envVarSchema))),
  hostNetwork: doc("Whether the pods use the network of their node.", z.optional(z.boolean())),
  image: doc("Container image of stunnerd.", z.optional(z.string())),
  imagePullPolicy: doc("Always, IfNotPresent or Never.", z.optional(z.string())),
  replicas: doc("Number of pods; left to others, such as an autoscaler, when left out.", z.optional(int32())),
  resources: doc("Resources of the container.", z.optional(resourcesSchema)),
  securityContext: doc("Security settings of the pods.", z.optional(podSecurityContextSchema)),
  terminationGracePeriodSeconds: doc("How long calls may go on after a pod is told to stop.", z.optional(int64())),
  tolerations: doc("Taints that the pods put up with.", z.optional(list(tolerationSchema))),
};

const dataplaneSpecSchema = z.looseObject({
  ...sharedShape,
  annotations: doc("Annotations of the pods.", z.optional(textMap())),
  containerSecurityContext: doc("Security settings of the container.", z.optional(containerSecurityContextSchema)),
  dataplaneResource: doc("Kind of workload that runs the pods.", withDefault(z.enum(["Deployment", "DaemonSet"]), "Deployment")),
  disableHealthCheck: doc("Whether to do without health checks.", z.optional(z.boolean())),
  enableMetricsEndpoint: doc("Whether to serve metrics on port 8080.", z.optional(z.boolean())),
  envFrom: doc("ConfigMaps and Secrets whose keys become environment variables.", z.optional(list(envFromSchema))),
  imagePullSecrets: doc(
    "Secrets for pulling the image.",
    z.optional(list(doc("Reference to a Secret.", z.looseObject(localReference), { mapType: "atomic" }))),
  ),
  labels: doc("Labels of the pods.", z.optional(textMap())),
  offloadEngine: doc(
    "Kernel offload of media: None, XDP, TC or Auto.",
    withDefault(text({ pattern: OFFLOAD_ENGINE, words: OFFLOAD_WORDS }), "None"),
    { rules: [{ rule: `self.matches('${OFFLOAD_ENGINE}')`, message: `must be ${OFFLOAD_WORDS}` }] },
  ),
  offloadInterfaces: doc("Network interfaces to offload on; all when left out.", z.optional(list(z.string()))),
  topologySpreadConstraints: doc("How the pods spread over zones or nodes.", z.optional(list(topologySpreadConstraintSchema))),
});
export type DataplaneSpec = z.input<typeof dataplaneSpecSchema>;

const specDescription = "How the stunnerd pods of a Gateway are run.";

/** Dataplane of `stunner.l7mp.io/v1` (cluster-scoped). */
export const dataplaneSchema = z.looseObject({
  apiVersion: z.literal("stunner.l7mp.io/v1"),
  kind: z.literal("Dataplane"),
  metadata: objectMetaSchema,
  spec: doc(specDescription, z.optional(dataplaneSpecSchema)),
});
export type Dataplane = z.input<typeof dataplaneSchema>;

/** Dataplane of `stunner.l7mp.io/v1alpha1`: served, but what v1 has not is lost when it is stored. */
export const dataplaneV1alpha1Schema = z.looseObject({
  apiVersion: z.literal("stunner.l7mp.io/v1alpha1"),
  kind: z.literal("Dataplane"),
  metadata: objectMetaSchema,
  spec: doc(
    specDescription,
    z.optional(
      z.looseObject({ ...sharedShape, healthCheckPort: doc("Not kept; see disableHealthCheck.", z.optional(int())) }),
    ),
  ),
});
