import * as z from "zod/mini";
import { doc } from "./crd-metadata.ts";
import { int32, intOrString, list, withDefault } from "./fields.ts";
import { objectMetaSchema } from "./meta.ts";

const prefixes = doc("IP addresses and prefixes that clients may reach, such as 192.0.2.0/24.", list(z.string()));

/** StaticService of `stunner.l7mp.io/v1`: a backend made of IP prefixes. */
export const staticServiceSchema = z.looseObject({
  apiVersion: z.literal("stunner.l7mp.io/v1"),
  kind: z.literal("StaticService"),
  metadata: objectMetaSchema,
  spec: doc("The addresses of the backend.", z.optional(z.looseObject({ prefixes }))),
});
export type StaticService = z.input<typeof staticServiceSchema>;

const portSchema = z.looseObject({
  appProtocol: doc("Not kept.", z.optional(z.string())),
  name: doc("Not kept.", z.optional(z.string())),
  nodePort: doc("Not kept.", z.optional(int32())),
  port: doc("Not kept.", int32()),
  protocol: doc("Not kept.", withDefault(z.string(), "TCP")),
  targetPort: doc("Not kept.", z.optional(intOrString())),
});

/** StaticService of `stunner.l7mp.io/v1alpha1`: its ports are lost when it is stored. */
export const staticServiceV1alpha1Schema = z.looseObject({
  apiVersion: z.literal("stunner.l7mp.io/v1alpha1"),
  kind: z.literal("StaticService"),
  metadata: objectMetaSchema,
  spec: doc(
    "The addresses of the backend.",
    z.optional(
      z.looseObject({
        ports: doc(
          "Not kept; a UDPRoute's backendRef has port and endPort.",
          z.optional(list(portSchema, { type: "map", keys: ["port", "protocol"] })),
        ),
        prefixes,
      }),
    ),
  ),
});
