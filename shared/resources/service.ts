import * as z from "zod/mini";
import { int32, intOrString, list, textMap, withDefault } from "./fields.ts";
import { objectMetaSchema } from "./meta.ts";
import { portNumber } from "./names.ts";
import { checkService } from "./service-rules.ts";

export const transportProtocolSchema = z.enum(["TCP", "UDP", "SCTP"]);

const servicePortSchema = z
  .looseObject({
    name: z.optional(z.string()),
    port: portNumber,
    protocol: withDefault(transportProtocolSchema, "TCP"),
    targetPort: z.optional(intOrString()),
    nodePort: z.optional(int32(0, 65535)),
    appProtocol: z.optional(z.string()),
  })
  .check(z.overwrite((port) => (port.targetPort === undefined ? { ...port, targetPort: port.port } : port)));
export type ServicePort = z.input<typeof servicePortSchema>;

const ingressPortSchema = z.looseObject({ port: int32(), protocol: z.optional(z.string()), error: z.optional(z.string()) });

const ingressSchema = z.looseObject({
  ip: z.optional(z.string()),
  hostname: z.optional(z.string()),
  ports: z.optional(list(ingressPortSchema)),
});
export type LoadBalancerIngress = z.input<typeof ingressSchema>;

const serviceSpecSchema = z
  .looseObject({
    type: withDefault(z.enum(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]), "ClusterIP"),
    clusterIP: z.optional(z.string()),
    clusterIPs: z.optional(list(z.string())),
    externalName: z.optional(z.string()),
    externalIPs: z.optional(list(z.string())),
    externalTrafficPolicy: z.optional(z.enum(["Cluster", "Local"])),
    loadBalancerIP: z.optional(z.string()),
    sessionAffinity: z.optional(z.enum(["None", "ClientIP"])),
    selector: z.optional(textMap()),
    ports: z.optional(list(servicePortSchema)),
  })
  .check(checkService);
export type ServiceSpec = z.input<typeof serviceSpecSchema>;

/** The parts of a core Service that are used. */
export const serviceSchema = z.looseObject({
  apiVersion: z.literal("v1"),
  kind: z.literal("Service"),
  metadata: objectMetaSchema,
  spec: z.optional(serviceSpecSchema),
  status: z.optional(
    z.looseObject({
      loadBalancer: z.optional(z.looseObject({ ingress: z.optional(list(ingressSchema)) })),
    }),
  ),
});
export type Service = z.input<typeof serviceSchema>;
