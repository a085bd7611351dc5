import {
  APP_LABEL,
  APP_VALUE,
  GATEWAY_GROUP,
  GATEWAY_NAME_LABEL,
  OWNED_BY_LABEL,
  OWNED_BY_VALUE,
  RELATED_GATEWAY_KEY,
  RELATED_GATEWAY_NAMESPACE_LABEL,
} from "../resources/constants.ts";
import type { Gateway } from "../resources/gateway.ts";
import { keyOf, type OwnerReference } from "../resources/meta.ts";

/** Who owns what is made for a Gateway: not as controller, and not blocking its deletion (spec/resources.md 2.1). */
export function gatewayOwner(gateway: Gateway): OwnerReference {
  return { apiVersion: `${GATEWAY_GROUP}/v1`, kind: "Gateway", name: gateway.metadata.name, uid: gateway.metadata.uid ?? "" };
}

/** Labels that tell the pods of a Gateway (spec/resources.md 3.1). */
export function podSelector(gateway: Gateway): Record<string, string> {
  return {
    [APP_LABEL]: APP_VALUE,
    [RELATED_GATEWAY_KEY]: gateway.metadata.name,
    [RELATED_GATEWAY_NAMESPACE_LABEL]: gateway.metadata.namespace ?? "",
  };
}

/** Labels of everything that is made for a Gateway (spec/rendering.md 1.6; improvements I41). */
export function ownedLabels(gateway: Gateway): Record<string, string> {
  return {
    [GATEWAY_NAME_LABEL]: gateway.metadata.name,
    [OWNED_BY_LABEL]: OWNED_BY_VALUE,
    [RELATED_GATEWAY_KEY]: gateway.metadata.name,
    [RELATED_GATEWAY_NAMESPACE_LABEL]: gateway.metadata.namespace ?? "",
  };
}

/** As an annotation the key holds `namespace/name` (spec/resources.md 1). */
export function relatedAnnotation(gateway: Gateway): Record<string, string> {
  return { [RELATED_GATEWAY_KEY]: keyOf(gateway) };
}

/** Whether the object belongs to this very Gateway. */
export function isOwnedBy(object: { metadata: { ownerReferences?: readonly OwnerReference[] | undefined } }, gateway: Gateway): boolean {
  const { name, uid } = gateway.metadata;
  return (object.metadata.ownerReferences ?? []).some((one) => one.kind === "Gateway" && one.name === name && one.uid === uid);
}
