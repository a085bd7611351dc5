import * as z from "zod/mini";
import { int32, list, withDefault } from "./fields.ts";
import { objectMetaSchema } from "./meta.ts";
import { transportProtocolSchema } from "./service.ts";

const endpointSchema = z.looseObject({
  addresses: list(z.string(), { min: 1, max: 100 }),
  conditions: z.optional(
    z.looseObject({
      ready: z.optional(z.boolean()),
      serving: z.optional(z.boolean()),
      terminating: z.optional(z.boolean()),
    }),
  ),
  hostname: z.optional(z.string()),
  nodeName: z.optional(z.string()),
  targetRef: z.optional(z.looseObject({})),
});
/** One entry of `endpoints`. */
export type Endpoint = z.input<typeof endpointSchema>;

const endpointPortSchema = z.looseObject({
  name: withDefault(z.string(), ""),
  port: z.optional(int32(0, 65535)),
  protocol: withDefault(transportProtocolSchema, "TCP"),
  appProtocol: z.optional(z.string()),
});

/** EndpointSlice of `discovery.k8s.io/v1`. */
export const endpointSliceSchema = z.looseObject({
  apiVersion: z.literal("discovery.k8s.io/v1"),
  kind: z.literal("EndpointSlice"),
  metadata: objectMetaSchema,
  addressType: z.enum(["IPv4", "IPv6", "FQDN"]),
  endpoints: z.optional(list(endpointSchema)),
  ports: z.optional(list(endpointPortSchema)),
});
export type EndpointSlice = z.input<typeof endpointSliceSchema>;
