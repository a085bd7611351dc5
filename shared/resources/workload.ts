import * as z from "zod/mini";
import { int32 } from "./fields.ts";
import { objectMetaSchema } from "./meta.ts";
import { labelSelectorSchema } from "./selector.ts";

/** Metadata of a pod template: it has no name. */
const templateMetaSchema = z.looseObject({
  labels: z.optional(z.record(z.string(), z.string())),
  annotations: z.optional(z.record(z.string(), z.string())),
});

/** A pod template, as far as it is read; we write far more than we read. */
export const podTemplateSchema = z.looseObject({
  metadata: z.optional(templateMetaSchema),
  spec: z.optional(z.looseObject({})),
});
export type PodTemplate = z.input<typeof podTemplateSchema>;

/** What Deployments and DaemonSets have in common. */
export const workloadShape = {
  apiVersion: z.literal("apps/v1"),
  metadata: objectMetaSchema,
  spec: z.optional(
    z.looseObject({
      replicas: z.optional(int32(0)),
      selector: z.optional(labelSelectorSchema),
      template: z.optional(podTemplateSchema),
    }),
  ),
  status: z.optional(z.looseObject({})),
};
