import * as z from "zod/mini";
import { list } from "./fields.ts";
import { objectMetaSchema } from "./meta.ts";

const nodeAddressSchema = z.looseObject({ type: z.string(), address: z.string() });
export type NodeAddress = z.input<typeof nodeAddressSchema>;

/** A core Node: its addresses are the fallback for public addresses. */
export const nodeSchema = z.looseObject({
  apiVersion: z.literal("v1"),
  kind: z.literal("Node"),
  metadata: objectMetaSchema,
  spec: z.optional(z.looseObject({ unschedulable: z.optional(z.boolean()), providerID: z.optional(z.string()) })),
  status: z.optional(z.looseObject({ addresses: z.optional(list(nodeAddressSchema)) })),
});
export type Node = z.input<typeof nodeSchema>;
