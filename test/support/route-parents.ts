import type { Case } from "./arbitraries/case.ts";
import { childOf, isObject, listOf, textOf, type JsonObject } from "./json.ts";

/** Which parentRefs of a route are ours, worked out from the objects and not by the renderer (improvements I7, I8). */

/** `namespace/name` of the Gateway that a reference means. */
export function gatewayOfParent(reference: JsonObject, route: JsonObject): string {
  return `${textOf(reference, "namespace") || textOf(childOf(route, "metadata"), "namespace")}/${textOf(reference, "name")}`;
}

/** Whether the class that a Gateway names exists and has our controller's name. */
export function isGatewayOfOurs(gateway: JsonObject, { objects, options }: Case): boolean {
  const name = textOf(childOf(gateway, "spec"), "gatewayClassName");
  const gatewayClass = objects.find((object) => object["kind"] === "GatewayClass" && childOf(object, "metadata")["name"] === name);
  return textOf(childOf(gatewayClass, "spec"), "controllerName") === options.controllerName;
}

/** Equal for references that mean the same listener of the same parent. */
export function parentKey(reference: JsonObject, route: JsonObject): string {
  return [gatewayOfParent(reference, route), textOf(reference, "sectionName"), String(reference["port"] ?? "")].join("|");
}

/** Keys of the distinct parentRefs that get an entry of ours. */
export function parentsOfOurs(route: JsonObject, one: Case): Set<string> {
  const references = listOf(childOf(route, "spec"), "parentRefs")
    .filter(isObject)
    .filter(
      (ref) => (ref["group"] ?? "gateway.networking.k8s.io") === "gateway.networking.k8s.io" && (ref["kind"] ?? "Gateway") === "Gateway",
    );
  const gateways = new Map(
    one.objects
      .filter((object) => object["kind"] === "Gateway")
      .map((gateway) => [gatewayOfParent(childOf(gateway, "metadata"), {}), gateway]),
  );
  const known = (ref: JsonObject): JsonObject | undefined => gateways.get(gatewayOfParent(ref, route));
  const ours = references.filter((ref) => {
    const gateway = known(ref);
    return gateway !== undefined && isGatewayOfOurs(gateway, one);
  });
  if (ours.length === 0) return new Set();
  return new Set([...ours, ...references.filter((ref) => !known(ref))].map((ref) => parentKey(ref, route)));
}
