import { childOf, isObject, listOf, textOf, type JsonObject } from "../../support/json.ts";
import type { ClusterClient } from "../client.ts";
import { reference } from "../resource.ts";

/** What Gateway API 1.0, which the recordings were made with, says of a GatewayClass that no controller has taken up. */
const RECORDED = "Waiting";

/** What this cluster's Gateway API says: the reason in the default that its CRD gives a GatewayClass's status. */
export async function reasonOfUntaken(client: ClusterClient): Promise<string> {
  const crd = await client.get(reference("apiextensions.k8s.io/v1", "CustomResourceDefinition", "gatewayclasses.gateway.networking.k8s.io"));
  const version = listOf(childOf(crd as unknown as JsonObject, "spec"), "versions").filter(isObject).find(({ name }) => name === "v1") ?? {};
  const schema = childOf(childOf(version, "schema"), "openAPIV3Schema");
  const condition = listOf(childOf(childOf(childOf(schema, "properties"), "status"), "default"), "conditions").find(isObject);
  return textOf(condition, "reason");
}

/** Statuses as they would be where a class that nobody has taken up has the reason that was recorded. */
export function withRecordedReason(statuses: JsonObject, untaken: string): JsonObject {
  const changed = structuredClone(statuses);
  for (const [key, status] of Object.entries(changed)) {
    if (!key.startsWith("gateway.networking.k8s.io/v1 GatewayClass ") || !isObject(status)) continue;
    for (const condition of listOf(status, "conditions").filter(isObject)) {
      if (condition["status"] === "Unknown" && condition["reason"] === untaken) condition["reason"] = RECORDED;
    }
  }
  return changed;
}
