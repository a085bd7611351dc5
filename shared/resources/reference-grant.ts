import * as z from "zod/mini";
import { list } from "./fields.ts";
import { objectMetaSchema } from "./meta.ts";
import { groupName, kindName, namespaceName, referenceName } from "./names.ts";

const fromSchema = z.looseObject({ group: groupName, kind: kindName, namespace: namespaceName });
const toSchema = z.looseObject({ group: groupName, kind: kindName, name: z.optional(referenceName) });

const specSchema = z.looseObject({
  from: list(fromSchema, { min: 1, max: 16, type: "atomic" }),
  to: list(toSchema, { min: 1, max: 16, type: "atomic" }),
});

/**
 * ReferenceGrant: lets objects of other namespaces refer to objects of its own. v1 is served from Gateway API 1.6.
 * Bundle 1.0 lets it be without a spec; such a one grants nothing.
 */
export const referenceGrantSchema = z.looseObject({
  apiVersion: z.enum(["gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1", "gateway.networking.k8s.io/v1alpha2"]),
  kind: z.literal("ReferenceGrant"),
  metadata: objectMetaSchema,
  spec: z.optional(specSchema),
});

/** A ReferenceGrant that grants something: a ClusterState holds no other. */
export type ReferenceGrant = z.input<typeof referenceGrantSchema> & { spec: z.input<typeof specSchema> };
