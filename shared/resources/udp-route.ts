import * as z from "zod/mini";
import { conditions } from "./condition.ts";
import { doc } from "./crd-metadata.ts";
import { int32, list, withDefault } from "./fields.ts";
import { objectMetaSchema } from "./meta.ts";
import { controllerName, groupName, kindName, namespaceName, portNumber, referenceName, sectionName } from "./names.ts";
import { parentRefSchema } from "./references.ts";
import { checkParentRefs } from "./udp-route-rules.ts";

export type { ParentRef } from "./references.ts";

const backendRefShape = {
  group: doc("API group of the backend; empty for Service, stunner.l7mp.io for StaticService.", withDefault(groupName, "")),
  kind: doc("Kind of the backend: Service or StaticService.", withDefault(kindName, "Service")),
  name: doc("Name of the backend.", referenceName),
  namespace: doc("Namespace of the backend; that of the route when left out.", z.optional(namespaceName)),
};

const backendRefSchema = z.looseObject({
  ...backendRefShape,
  port: doc("Lowest peer port that clients may reach; all ports when left out.", z.optional(int32())),
  endPort: doc("Highest peer port that clients may reach; the same as port when left out.", z.optional(int32())),
});
/** A backend of a route. The official kind also has `weight`, which has no meaning here. */
export type BackendRef = z.input<typeof backendRefSchema>;

const officialBackendRefSchema = z.looseObject({
  ...backendRefShape,
  port: z.optional(portNumber),
  weight: withDefault(int32(0, 1_000_000), 1),
});

const routeParentStatusSchema = z.looseObject({
  parentRef: doc("The parent that this entry is about, as spec.parentRefs has it.", parentRefSchema),
  controllerName: doc("The controller that wrote this entry.", controllerName),
  conditions: doc("What that controller says of the route.", conditions(1)),
});
export type RouteParentStatus = z.input<typeof routeParentStatusSchema>;

const routeStatusSchema = z.looseObject({
  parents: doc("One entry for each parent and controller.", list(routeParentStatusSchema, { max: 32, type: "atomic" })),
});

// Bundle 1.0 of Gateway API lets an entry be without conditions.
const officialRouteStatusSchema = z.looseObject({
  parents: list(z.extend(routeParentStatusSchema, { conditions: z.optional(conditions(1)) }), { max: 32, type: "atomic" }),
});

const parentRefsSchema = list(parentRefSchema, { max: 32, type: "atomic" });
const parentRefs = doc("Gateways that the route attaches to.", z.optional(parentRefsSchema));
const useDefaultGateways = doc("Without effect here.", z.optional(z.enum(["All", "None"])));

/** UDPRoute of `stunner.l7mp.io/v1`. */
export const udpRouteSchema = z.looseObject({
  apiVersion: z.literal("stunner.l7mp.io/v1"),
  kind: z.literal("UDPRoute"),
  metadata: objectMetaSchema,
  spec: doc(
    "What the route asks for.",
    z.looseObject({
      parentRefs,
      rules: doc(
        "Where the traffic goes. Only the first rule counts.",
        list(
          z.looseObject({
            backendRefs: doc("The peers that clients may reach.", z.optional(list(backendRefSchema, { min: 1, max: 16 }))),
          }),
          { min: 1, max: 16 },
        ),
      ),
      useDefaultGateways,
    }),
  ),
  status: doc("What controllers say of the route; never written by hand.", z.optional(routeStatusSchema)),
});

/** UDPRoute of Gateway API: v1alpha2 (experimental channel) or v1 (from 1.6). A missing backend port is no error: it has no meaning here. */
export const officialUdpRouteSchema = z.looseObject({
  apiVersion: z.enum(["gateway.networking.k8s.io/v1alpha2", "gateway.networking.k8s.io/v1"]),
  kind: z.literal("UDPRoute"),
  metadata: objectMetaSchema,
  spec: z.looseObject({
    parentRefs: z.optional(parentRefsSchema.check(checkParentRefs)),
    rules: list(
      z.looseObject({
        name: z.optional(sectionName),
        backendRefs: z.optional(list(officialBackendRefSchema, { min: 1, max: 16, type: "atomic" })),
      }),
      { min: 1, max: 16, type: "atomic" },
    ),
    useDefaultGateways,
  }),
  status: z.optional(officialRouteStatusSchema),
});

/** A UDPRoute of either group; `apiVersion` tells which. */
export interface UDPRoute {
  apiVersion: "stunner.l7mp.io/v1" | "gateway.networking.k8s.io/v1alpha2" | "gateway.networking.k8s.io/v1";
  kind: "UDPRoute";
  metadata: z.input<typeof udpRouteSchema>["metadata"];
  spec: z.input<typeof udpRouteSchema>["spec"];
  status?: z.input<typeof udpRouteSchema>["status"];
  [field: string]: unknown;
}
