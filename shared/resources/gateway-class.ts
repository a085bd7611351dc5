import * as z from "zod/mini";
import { conditions } from "./condition.ts";
import { text, withDefault } from "./fields.ts";
import { objectMetaSchema } from "./meta.ts";
import { controllerName } from "./names.ts";
import { pendingConditions } from "./pending.ts";
import { parametersReferenceSchema } from "./references.ts";

/** GatewayClass of Gateway API v1 (cluster-scoped). */
export const gatewayClassSchema = z.looseObject({
  apiVersion: z.literal("gateway.networking.k8s.io/v1"),
  kind: z.literal("GatewayClass"),
  metadata: objectMetaSchema,
  spec: z.looseObject({
    controllerName,
    description: z.optional(text({ maxLength: 64 })),
    parametersRef: z.optional(parametersReferenceSchema),
  }),
  status: withDefault(
    z.looseObject({ conditions: withDefault(conditions(), pendingConditions("Accepted")) }),
    { conditions: pendingConditions("Accepted") },
  ),
});
export type GatewayClass = z.input<typeof gatewayClassSchema>;
