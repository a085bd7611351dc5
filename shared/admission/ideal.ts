import { parsePortMap } from "../render/port-map.ts";
import { DEFAULT_DATAPLANE, GATEWAY_GROUP, NODEPORT_ANNOTATION, STUNNER_GROUP, TARGETPORT_ANNOTATION } from "../resources/constants.ts";
import type { GatewayConfig } from "../resources/gateway-config.ts";
import type { Gateway } from "../resources/gateway.ts";
import type { KubeObject } from "../resources/meta.ts";
import type { ParentRef, UDPRoute } from "../resources/udp-route.ts";
import type { Judged } from "./judged.ts";

/** Name and namespace of what stands in for objects that nobody named. */
export const STAND_IN = "stand-in";
/** A Gateway has at most so many listeners. */
const MOST_LISTENERS = 64;

/**
 * An object with everything that it depends on, all of it there and flawless: what is wrong here, the object alone
 * proves. What it does not name, and rendering needs, stands in under a name of its own.
 * @param controllerName of the classes that are ours
 */
export function idealWorld(object: Judged, controllerName: string): KubeObject[] {
  switch (object.kind) {
    case "GatewayClass": {
      const { namespace, name } = object.spec.parametersRef ?? {};
      return [object, dataplane(DEFAULT_DATAPLANE), ...(name && namespace ? [gatewayConfig(namespace, name)] : [])];
    }
    case "GatewayConfig":
      return aroundConfig(object, controllerName);
    case "Dataplane":
      return [object, ...ownPlatform(controllerName, object.metadata.name).filter((one) => one.kind !== "Dataplane"), ownGateway()];
    case "Gateway":
      return aroundGateway(object, controllerName);
    case "UDPRoute":
      return aroundRoute(object, controllerName);
    case "StaticService":
      return [object, ...ownPlatform(controllerName), ownGateway(), routeTo(object.metadata)];
  }
}

/** A class of ours with its parameters. */
export function ownPlatform(controllerName: string, dataplaneName = DEFAULT_DATAPLANE): KubeObject[] {
  return [gatewayClass(STAND_IN, controllerName), gatewayConfig(STAND_IN, STAND_IN, dataplaneName), dataplane(dataplaneName)];
}

/** A Gateway of the class above, which admits every route. */
export function ownGateway(): KubeObject {
  return gateway(STAND_IN, STAND_IN, [listener("any", 3478)]);
}

function aroundConfig(config: GatewayConfig, controllerName: string): KubeObject[] {
  const { namespace = "", name } = config.metadata;
  const { authRef, dataplane: dataplaneName, loadBalancerServiceAnnotations: annotations = {} } = config.spec ?? {};
  const names = [NODEPORT_ANNOTATION, TARGETPORT_ANNOTATION].flatMap((key) => [...(parsePortMap(annotations[key] ?? "")?.keys() ?? [])]);
  // Nothing proves that no Gateway has a listener of the name that an annotation has.
  const listeners = [...new Set([...names, "any"])];
  const given = listeners.length > MOST_LISTENERS ? { ...config, spec: { ...config.spec, loadBalancerServiceAnnotations: {} } } : config;
  return [
    given,
    gatewayClass(STAND_IN, controllerName, { namespace, name }),
    dataplane(dataplaneName ?? DEFAULT_DATAPLANE),
    gateway(STAND_IN, STAND_IN, listeners.slice(0, MOST_LISTENERS).map((one, index) => listener(one, 20_000 + index))),
    ...(authRef ? [plainSecret(authRef.namespace || namespace, authRef.name), grant(authRef.namespace || namespace, namespace)] : []),
  ];
}

function aroundGateway(object: Gateway, controllerName: string): KubeObject[] {
  const home = object.metadata.namespace ?? "";
  const refs = object.spec.listeners.flatMap(({ tls }) => tls?.certificateRefs ?? []);
  const own = object.spec.infrastructure?.parametersRef;
  return [
    object,
    gatewayClass(object.spec.gatewayClassName, controllerName),
    gatewayConfig(STAND_IN, STAND_IN),
    dataplane(DEFAULT_DATAPLANE),
    ...(own ? [dataplane(own.name)] : []),
    ...refs.flatMap(({ namespace, name }) => [plainSecret(namespace || home, name), grant(namespace || home, home)]),
  ];
}

function aroundRoute(route: UDPRoute, controllerName: string): KubeObject[] {
  const home = route.metadata.namespace ?? "";
  const parents = Map.groupBy(route.spec.parentRefs ?? [], (ref) => JSON.stringify([ref.namespace ?? home, ref.name]));
  const backends = (route.spec.rules[0]?.backendRefs ?? []).flatMap(({ namespace = home, name }) => [
    plainService(namespace, name),
    staticService(namespace, name),
    grant(namespace, home),
  ]);
  const gateways = [...parents.values()].map((refs) => gateway(refs[0]?.namespace ?? home, refs[0]?.name ?? "", refs.map(listenerFor)));
  // That there is one more parent of ours makes the route ours, whatever else it names.
  return [withOwnParent(route), ...ownPlatform(controllerName), ownGateway(), ...gateways, ...backends];
}

/** The route with one more parent, last of all. */
export function withOwnParent(route: UDPRoute): UDPRoute {
  const parentRefs = [...(route.spec.parentRefs ?? []), { name: STAND_IN, namespace: STAND_IN }];
  return { ...route, spec: { ...route.spec, parentRefs } };
}

function listenerFor({ sectionName, port }: ParentRef, index: number): object {
  return listener(sectionName ?? `any-${index}`, port ?? 20_000 + index);
}

function listener(name: string, port: number): object {
  return { name, port, protocol: "TURN-UDP", allowedRoutes: { namespaces: { from: "All" } } };
}

function gateway(namespace: string, name: string, listeners: readonly object[]): KubeObject {
  return make(`${GATEWAY_GROUP}/v1`, "Gateway", { namespace, name }, { spec: { gatewayClassName: STAND_IN, listeners } });
}

function gatewayClass(name: string, controllerName: string, config = { namespace: STAND_IN, name: STAND_IN }): KubeObject {
  const parametersRef = { group: STUNNER_GROUP, kind: "GatewayConfig", ...config };
  return make(`${GATEWAY_GROUP}/v1`, "GatewayClass", { name }, { spec: { controllerName, parametersRef } });
}

function gatewayConfig(namespace: string, name: string, dataplaneName = DEFAULT_DATAPLANE): KubeObject {
  return make(`${STUNNER_GROUP}/v1`, "GatewayConfig", { namespace, name }, { spec: { dataplane: dataplaneName, userName: "x", password: "x" } });
}

/** Without ports of its own, which a listener might want. */
function dataplane(name: string): KubeObject {
  return make(`${STUNNER_GROUP}/v1`, "Dataplane", { name }, { spec: { disableHealthCheck: true } });
}

function staticService(namespace: string, name: string): KubeObject {
  return make(`${STUNNER_GROUP}/v1`, "StaticService", { namespace, name }, { spec: { prefixes: [] } });
}

/** Of which nothing is known but that it may be there. */
export function plainService(namespace: string, name: string): KubeObject {
  return make("v1", "Service", { namespace, name }, { spec: { type: "ClusterIP" } });
}

/** Credentials of every type, and a certificate that is trusted to be one. */
export function plainSecret(namespace: string, name: string): KubeObject {
  const keys = ["tls.crt", "tls.key", "username", "password", "secret"];
  return make("v1", "Secret", { namespace, name }, { data: Object.fromEntries(keys.map((key) => [key, "eA=="])) });
}

/** Lets everything of the one namespace refer to everything of the other. */
function grant(namespace: string, from: string): KubeObject {
  const referrers = [[GATEWAY_GROUP, "Gateway"], [GATEWAY_GROUP, "UDPRoute"], [STUNNER_GROUP, "GatewayConfig"], [STUNNER_GROUP, "UDPRoute"]];
  const referents = [["", "Secret"], ["", "Service"], [STUNNER_GROUP, "StaticService"]];
  const spec = { from: referrers.map(([group, kind]) => ({ group, kind, namespace: from })), to: referents.map(([group, kind]) => ({ group, kind })) };
  return make(`${GATEWAY_GROUP}/v1`, "ReferenceGrant", { namespace, name: `${STAND_IN}-${from}` }, { spec });
}

function routeTo({ namespace = "", name }: { readonly namespace?: string | undefined; readonly name: string }): KubeObject {
  const backend = { group: STUNNER_GROUP, kind: "StaticService", namespace, name };
  const spec = { parentRefs: [{ namespace: STAND_IN, name: STAND_IN }], rules: [{ backendRefs: [backend] }] };
  return make(`${STUNNER_GROUP}/v1`, "UDPRoute", { namespace, name: STAND_IN }, { spec });
}

function make(apiVersion: string, kind: string, metadata: KubeObject["metadata"], rest: Record<string, unknown>): KubeObject {
  return { apiVersion, kind, metadata, ...rest };
}
