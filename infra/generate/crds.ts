import type * as z from "zod/mini";
import { STUNNER_GROUP } from "../../shared/resources/constants.ts";
import { dataplaneSchema, dataplaneV1alpha1Schema } from "../../shared/resources/dataplane.ts";
import { gatewayConfigSchema, gatewayConfigV1alpha1Schema } from "../../shared/resources/gateway-config.ts";
import { staticServiceSchema, staticServiceV1alpha1Schema } from "../../shared/resources/static-service.ts";
import { udpRouteSchema } from "../../shared/resources/udp-route.ts";

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "date" | "integer";
  readonly jsonPath: string;
}

/** One version of a CRD; the first one of a CRD is the storage version. */
export interface CrdVersion {
  readonly name: string;
  readonly schema: z.ZodMiniType;
  readonly columns: readonly PrinterColumn[];
}

/** A CRD as this project installs it: groups, names and versions are those of the upstream (spec/resources.md 7.1). */
export interface Crd {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly scope: "Namespaced" | "Cluster";
  readonly description: string;
  readonly status: boolean;
  readonly versions: readonly CrdVersion[];
}

const age: PrinterColumn = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };

function column(name: string, jsonPath: string): PrinterColumn {
  return { name, type: "string", jsonPath };
}

const realm = column("Realm", ".spec.realm");
const auth = column("Auth", ".spec.authType");
const addresses = column("Addresses", ".spec.prefixes[*]");

export const CRDS: readonly Crd[] = [
  {
    group: STUNNER_GROUP,
    kind: "Dataplane",
    plural: "dataplanes",
    shortNames: ["dps"],
    scope: "Cluster",
    description: "How the stunnerd pods of Gateways are run.",
    status: false,
    versions: [
      {
        name: "v1",
        schema: dataplaneSchema,
        columns: [column("Resource", ".spec.dataplaneResource"), column("Image", ".spec.image"), age],
      },
      { name: "v1alpha1", schema: dataplaneV1alpha1Schema, columns: [column("Image", ".spec.image"), age] },
    ],
  },
  {
    group: STUNNER_GROUP,
    kind: "GatewayConfig",
    plural: "gatewayconfigs",
    shortNames: ["gwconf"],
    scope: "Namespaced",
    description: "Settings that the Gateways of a GatewayClass share.",
    status: false,
    versions: [
      { name: "v1", schema: gatewayConfigSchema, columns: [realm, auth, column("Dataplane", ".spec.dataplane"), age] },
      { name: "v1alpha1", schema: gatewayConfigV1alpha1Schema, columns: [realm, auth, age] },
    ],
  },
  {
    group: STUNNER_GROUP,
    kind: "StaticService",
    plural: "staticservices",
    shortNames: ["ssvc"],
    scope: "Namespaced",
    description: "A backend of UDPRoutes that is made of IP addresses and prefixes.",
    status: false,
    versions: [
      { name: "v1", schema: staticServiceSchema, columns: [addresses, age] },
      { name: "v1alpha1", schema: staticServiceV1alpha1Schema, columns: [addresses, age] },
    ],
  },
  {
    group: STUNNER_GROUP,
    kind: "UDPRoute",
    plural: "udproutes",
    shortNames: [],
    scope: "Namespaced",
    description: "Lets clients of Gateways reach backends over UDP.",
    status: true,
    versions: [
      {
        name: "v1",
        schema: udpRouteSchema,
        columns: [
          column("Parents", ".spec.parentRefs[*].name"),
          column("Accepted", `.status.parents[*].conditions[?(@.type=="Accepted")].status`),
          age,
        ],
      },
    ],
  },
];
