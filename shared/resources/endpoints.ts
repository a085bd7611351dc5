import * as z from "zod/mini";
import { list, withDefault } from "./fields.ts";
import { objectMetaSchema } from "./meta.ts";
import { portNumber } from "./names.ts";
import { transportProtocolSchema } from "./service.ts";

const addressSchema = z.looseObject({
  ip: z.string(),
  hostname: z.optional(z.string()),
  nodeName: z.optional(z.string()),
});

const portSchema = z.looseObject({
  name: z.optional(z.string()),
  port: portNumber,
  protocol: withDefault(transportProtocolSchema, "TCP"),
});

const subsetSchema = z.looseObject({
  addresses: z.optional(list(addressSchema)),
  notReadyAddresses: z.optional(list(addressSchema)),
  ports: z.optional(list(portSchema)),
});
export type EndpointSubset = z.input<typeof subsetSchema>;

/** Core Endpoints, read in place of EndpointSlices where those are switched off. */
export const endpointsSchema = z.looseObject({
  apiVersion: z.literal("v1"),
  kind: z.literal("Endpoints"),
  metadata: objectMetaSchema,
  subsets: z.optional(list(subsetSchema)),
});
export type Endpoints = z.input<typeof endpointsSchema>;
