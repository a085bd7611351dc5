import * as z from "zod/mini";
import { textMap } from "./fields.ts";
import { objectMetaSchema } from "./meta.ts";

/** A core ConfigMap: the legacy configuration. */
export const configMapSchema = z.looseObject({
  apiVersion: z.literal("v1"),
  kind: z.literal("ConfigMap"),
  metadata: objectMetaSchema,
  data: z.optional(textMap()),
  binaryData: z.optional(textMap()),
});
export type ConfigMap = z.input<typeof configMapSchema>;
