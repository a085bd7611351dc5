import { DEFAULT_DATAPLANE, GATEWAY_GROUP, STUNNER_GROUP } from "../resources/constants.ts";
import type { Dataplane } from "../resources/dataplane.ts";
import type { GatewayClass } from "../resources/gateway-class.ts";
import type { GatewayConfig } from "../resources/gateway-config.ts";
import type { Gateway } from "../resources/gateway.ts";
import { groupOf } from "../resources/kinds.ts";
import { keyOf, type KubeObject } from "../resources/meta.ts";
import type { StaticService } from "../resources/static-service.ts";
import type { UDPRoute } from "../resources/udp-route.ts";

/** An object of a kind that is judged: everything of Gateway API and stunner.l7mp.io but ReferenceGrants. */
export type Judged = Dataplane | Gateway | GatewayClass | GatewayConfig | StaticService | UDPRoute;

const KINDS: ReadonlySet<string> = new Set(["Dataplane", "Gateway", "GatewayClass", "GatewayConfig", "StaticService", "UDPRoute"]);

export function isJudged(group: string, kind: string): boolean {
  return (group === GATEWAY_GROUP || group === STUNNER_GROUP) && KINDS.has(kind);
}

/** @param object that its schema has accepted */
export function asJudged(object: KubeObject): Judged | undefined {
  return isJudged(groupOf(object.apiVersion), object.kind) ? (object as Judged) : undefined;
}

/** Tells an object from all others of a cluster, whatever its version. */
export function idOf(object: Pick<KubeObject, "apiVersion" | "kind" | "metadata">): string {
  return `${groupOf(object.apiVersion)}/${object.kind}/${keyOf(object)}`;
}

/** Ids of the objects of judged kinds, and of the Services, that an object names, whether or not they exist. */
export function linksOf(object: Judged): string[] {
  const home = object.metadata.namespace ?? "";
  switch (object.kind) {
    case "GatewayClass": {
      const { parametersRef: ref } = object.spec;
      return ref?.namespace ? [`${ref.group}/${ref.kind}/${ref.namespace}/${ref.name}`] : [];
    }
    case "GatewayConfig":
      return [dataplaneId(object.spec?.dataplane ?? DEFAULT_DATAPLANE)];
    case "Gateway": {
      const own = object.spec.infrastructure?.parametersRef;
      return [`${GATEWAY_GROUP}/GatewayClass/${object.spec.gatewayClassName}`, ...(own ? [dataplaneId(own.name)] : [])];
    }
    case "UDPRoute": {
      const backends = (object.spec.rules[0]?.backendRefs ?? []).map((ref) => `${ref.group ?? ""}/${ref.kind ?? "Service"}/${ref.namespace ?? home}/${ref.name}`);
      return [...gatewaysOf(object), ...backends];
    }
    default:
      return [];
  }
}

/** Ids of the Gateways that a route names. */
export function gatewaysOf({ metadata, spec }: UDPRoute): string[] {
  const refs = (spec.parentRefs ?? []).filter((ref) => (ref.group ?? GATEWAY_GROUP) === GATEWAY_GROUP && (ref.kind ?? "Gateway") === "Gateway");
  return refs.map((ref) => `${GATEWAY_GROUP}/Gateway/${ref.namespace ?? metadata.namespace ?? ""}/${ref.name}`);
}

const dataplaneId = (name: string): string => `${STUNNER_GROUP}/Dataplane/${name}`;
