import * as z from "zod/mini";
import { partial } from "./crd-metadata.ts";
import { labelValue, metadataKey, namespaceName, objectName } from "./names.ts";

export const ownerReferenceSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  uid: z.string(),
});
export type OwnerReference = z.infer<typeof ownerReferenceSchema>;

/**
 * The parts of ObjectMeta that are used. Label and annotation values may be no strings in hand-written YAML
 * (`true` without quotes); the loaders report and mend that before this schema sees them.
 */
export const objectMetaSchema = partial(
  z.looseObject({
    name: objectName,
    namespace: z.optional(namespaceName),
    uid: z.optional(z.string()),
    generation: z.optional(z.int()),
    resourceVersion: z.optional(z.string()),
    creationTimestamp: z.optional(z.nullable(z.string())),
    deletionTimestamp: z.optional(z.string()),
    labels: z.optional(z.record(metadataKey, labelValue)),
    annotations: z.optional(z.record(metadataKey, z.string())),
    ownerReferences: z.optional(z.array(ownerReferenceSchema)),
  }),
);
export type ObjectMeta = z.infer<typeof objectMetaSchema>;

/** Any Kubernetes object, as far as every object is alike. */
export const kubeObjectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: objectMetaSchema,
});
export type KubeObject = z.infer<typeof kubeObjectSchema>;

/** A status condition. `lastTransitionTime` is RFC 3339; a rendered condition has none, the writer adds it. */
export const conditionSchema = z.looseObject({
  type: z.string(),
  status: z.enum(["True", "False", "Unknown"]),
  reason: z.string(),
  message: z.string(),
  observedGeneration: z.optional(z.int()),
  lastTransitionTime: z.optional(z.string()),
});
export type Condition = z.infer<typeof conditionSchema>;

/** `namespace/name`, or `name` where the object has no namespace. */
export function keyOf(object: { metadata: { name: string; namespace?: string | undefined } }): string {
  const { namespace, name } = object.metadata;
  return namespace ? `${namespace}/${name}` : name;
}
