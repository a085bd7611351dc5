import * as fc from "fast-check";
import { childOf, type JsonObject } from "../json.ts";
import { configMap, endpoints, endpointSlice, namespaceObject, node, service, staticService, workload } from "./backend.ts";
import { dataplane, gatewayConfig, secret } from "./configuration.ts";
import { gatewayClass } from "./gateway-class.ts";
import { gateway } from "./gateway.ts";
import { core } from "./core.ts";
import { list } from "./names.ts";
import { officialRoute, referenceGrant, udpRoute } from "./route.ts";

/** The objects of a whole random cluster, at most one of a kind and name; most have a sound core. */
export const clusterObjects: fc.Arbitrary<JsonObject[]> = fc
  .tuple(
    list(gatewayClass, 3),
    list(gatewayConfig, 3),
    list(dataplane, 2),
    core,
    list(gateway, 4, 1),
    list(udpRoute, 3),
    list(officialRoute, 2),
    list(secret, 4),
    list(service, 4),
    list(endpointSlice, 3),
    list(endpoints, 2),
    list(staticService, 2),
    list(node, 2),
    list(namespaceObject, 3),
    list(referenceGrant, 2),
    list(workload, 2),
    list(configMap, 1),
  )
  .map((kinds) => [...new Map(kinds.flat().map((object) => [identityOf(object), object])).values()]);

/** One object of an identity in the cluster; both versions of the official UDPRoute are the same object. */
function identityOf(object: JsonObject): string {
  const { namespace = "", name = "" } = childOf(object, "metadata");
  return [String(object["apiVersion"]).split("/")[0], object["kind"], namespace, name].join("|");
}
