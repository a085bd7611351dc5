import * as z from "zod/mini";
import { conditions } from "./condition.ts";
import { int32, list, text, textMap, withDefault } from "./fields.ts";
import { gatewayAddressSchema } from "./gateway-address.ts";
import { checkAddresses, checkListeners } from "./gateway-rules.ts";
import { gatewayTlsSchema } from "./gateway-tls.ts";
import { allowedListenersSchema, listenerSchema, routeGroupKindSchema } from "./listener.ts";
import { objectMetaSchema } from "./meta.ts";
import { referenceName, sectionName } from "./names.ts";
import { pendingConditions } from "./pending.ts";
import { localParametersReferenceSchema } from "./references.ts";

export type { GatewayAddress } from "./gateway-address.ts";
export type { AllowedRoutes, Listener, ListenerTLS, RouteGroupKind } from "./listener.ts";

const infrastructureSchema = z.looseObject({
  annotations: z.optional(textMap(text({ maxLength: 4096 }), 16)),
  labels: z.optional(textMap(text({ maxLength: 4096 }), 8)),
  parametersRef: z.optional(localParametersReferenceSchema),
});

const listenerStatusSchema = z.looseObject({
  name: sectionName,
  supportedKinds: z.optional(list(routeGroupKindSchema, { max: 8, type: "atomic" })),
  attachedRoutes: int32(),
  conditions: conditions(),
});
export type ListenerStatus = z.input<typeof listenerStatusSchema>;

const gatewayStatusSchema = z.looseObject({
  addresses: z.optional(list(gatewayAddressSchema, { max: 16, type: "atomic" })),
  attachedListenerSets: z.optional(int32()),
  conditions: withDefault(conditions(), pendingConditions("Accepted", "Programmed")),
  listeners: z.optional(list(listenerStatusSchema, { max: 64, type: "map", keys: ["name"] })),
});
export type GatewayStatus = z.input<typeof gatewayStatusSchema>;

/** Gateway of Gateway API v1, with the rules of the bundles 1.0 to 1.6, of two that differ the looser. */
export const gatewaySchema = z.looseObject({
  apiVersion: z.literal("gateway.networking.k8s.io/v1"),
  kind: z.literal("Gateway"),
  metadata: objectMetaSchema,
  spec: z.looseObject({
    gatewayClassName: referenceName,
    listeners: list(listenerSchema, { min: 1, max: 64, type: "map" }).check(checkListeners),
    addresses: z.optional(list(gatewayAddressSchema, { max: 16, type: "atomic" }).check(checkAddresses)),
    infrastructure: z.optional(infrastructureSchema),
    allowedListeners: z.optional(allowedListenersSchema),
    tls: z.optional(gatewayTlsSchema),
  }),
  status: withDefault(gatewayStatusSchema, { conditions: pendingConditions("Accepted", "Programmed") }),
});
export type Gateway = z.input<typeof gatewaySchema>;
