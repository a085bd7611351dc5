import { GATEWAY_GROUP, LEGACY_CONFIG_MAP_NAME } from "../../resources/constants.ts";
import type { ClusterState } from "../../resources/cluster.ts";
import { keyOf } from "../../resources/meta.ts";
import type { UDPRoute } from "../../resources/udp-route.ts";

/**
 * What the Gateway API objects of our controller refer to: all that need be read of Secrets, Namespaces, Services,
 * slices and ConfigMaps, and what decides whether an event matters (spec/rendering.md 1.3, 1.5). Keys are
 * `namespace/name`, or `name` without a namespace.
 */
export interface References {
  readonly secrets: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<string>;
  /** Backends, and Services that have or would have the name of a Gateway of ours. */
  readonly services: ReadonlySet<string>;
  readonly backends: ReadonlySet<string>;
  readonly staticServices: ReadonlySet<string>;
  readonly configMaps: ReadonlySet<string>;
}

export interface ReferenceOptions {
  readonly controllerName: string;
  readonly mode: "managed" | "legacy";
}

/** @param state needs the kinds of Gateway API and of stunner.l7mp.io only */
export function findReferences(state: ClusterState, { controllerName, mode }: ReferenceOptions): References {
  const secrets = new Set<string>();
  const namespaces = new Set<string>();
  const services = new Set<string>();
  const backends = new Set<string>();
  const staticServices = new Set<string>();
  const configMaps = new Set<string>();
  const ours = new Set([...state.gatewayClasses.values()].filter((one) => one.spec.controllerName === controllerName).map((one) => one.metadata.name));
  // Secrets of configs that no class uses yet are not read; the class's event brings them.
  for (const { spec } of state.gatewayClasses.values()) {
    const config = state.gatewayConfigs.get(`${spec.parametersRef?.namespace ?? ""}/${spec.parametersRef?.name ?? ""}`);
    if (spec.controllerName !== controllerName || !config) continue;
    const home = config.metadata.namespace ?? "";
    if (config.spec?.authRef) secrets.add(`${config.spec.authRef.namespace || home}/${config.spec.authRef.name}`);
    if (mode === "legacy") configMaps.add(`${home}/${LEGACY_CONFIG_MAP_NAME}`);
  }
  let selects = false;
  for (const gateway of state.gateways.values()) {
    if (!ours.has(gateway.spec.gatewayClassName)) continue;
    const home = gateway.metadata.namespace ?? "";
    services.add(keyOf(gateway));
    for (const { tls, allowedRoutes } of gateway.spec.listeners) {
      for (const ref of tls?.certificateRefs ?? []) secrets.add(`${ref.namespace || home}/${ref.name}`);
      selects ||= allowedRoutes?.namespaces?.from === "Selector";
    }
  }
  for (const route of [...state.udpRoutes.values(), ...state.officialUdpRoutes.values()]) {
    if (!pointsAtOurs(state, ours, route)) continue;
    const home = route.metadata.namespace ?? "";
    if (selects) namespaces.add(home);
    for (const ref of route.spec.rules?.[0]?.backendRefs ?? []) {
      const key = `${ref.namespace ?? home}/${ref.name}`;
      if ((ref.kind ?? "Service") === "Service") backends.add(key);
      else staticServices.add(key);
    }
  }
  for (const backend of backends) services.add(backend);
  return { secrets, namespaces, services, backends, staticServices, configMaps };
}

function pointsAtOurs(state: ClusterState, classes: ReadonlySet<string>, route: UDPRoute): boolean {
  return (route.spec.parentRefs ?? []).some((ref) => {
    if ((ref.group ?? GATEWAY_GROUP) !== GATEWAY_GROUP || (ref.kind ?? "Gateway") !== "Gateway") return false;
    const gateway = state.gateways.get(`${ref.namespace ?? route.metadata.namespace ?? ""}/${ref.name}`);
    return gateway !== undefined && classes.has(gateway.spec.gatewayClassName);
  });
}
