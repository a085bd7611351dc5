import type { ConfigMap } from "../resources/config-map.ts";
import { LEGACY_CONFIG_MAP_NAME, OWNED_BY_LABEL, OWNED_BY_VALUE, RELATED_GATEWAY_KEY } from "../resources/constants.ts";

/**
 * Name of the class that a legacy ConfigMap was made for; undefined where it is no such ConfigMap: it has the name, the
 * label, the annotation, and an ownerReference to a GatewayConfig or class, be that still there or not (spec/rendering.md
 * 7.3; I9).
 */
export function classOfConfigMap({ metadata }: ConfigMap): string | undefined {
  const related = metadata.annotations?.[RELATED_GATEWAY_KEY];
  if (metadata.name !== LEGACY_CONFIG_MAP_NAME || metadata.labels?.[OWNED_BY_LABEL] !== OWNED_BY_VALUE || !related?.startsWith("/")) return undefined;
  const isOwned = (metadata.ownerReferences ?? []).some(({ kind }) => kind === "GatewayClass" || kind === "GatewayConfig");
  return isOwned ? related.slice(1) : undefined;
}
