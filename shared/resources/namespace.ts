import * as z from "zod/mini";
import { objectMetaSchema } from "./meta.ts";

/** A core Namespace: its labels count for `allowedRoutes` selectors. */
export const namespaceSchema = z.looseObject({
  apiVersion: z.literal("v1"),
  kind: z.literal("Namespace"),
  metadata: objectMetaSchema,
});
export type Namespace = z.input<typeof namespaceSchema>;
