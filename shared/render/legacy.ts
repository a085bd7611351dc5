import {
  HEALTH_CHECK_PORT,
  LEGACY_CONFIG_MAP_KEY,
  LEGACY_CONFIG_MAP_NAME,
  OWNED_BY_LABEL,
  OWNED_BY_VALUE,
  RELATED_GATEWAY_KEY,
} from "../resources/constants.ts";
import type { GatewayClass } from "../resources/gateway-class.ts";
import type { GatewayConfig } from "../resources/gateway-config.ts";
import { keyOf } from "../resources/meta.ts";
import { serializeConfig, type StunnerdConfig, type StunnerdListener } from "../resources/stunnerd-config.ts";
import { legacyAdmin } from "./admin.ts";
import { renderAuth } from "./auth.ts";
import { classStatus } from "./class-status.ts";
import { holdService, objectKey, want, type Collector } from "./collector.ts";
import { clustersOf } from "./clusters.ts";
import { classOfConfigMap } from "./config-map-owner.ts";
import type { Context } from "./context.ts";
import { renderGateway } from "./gateway.ts";
import { invalidateGateway } from "./invalid.ts";
import { publishedInConfigMap } from "./legacy-published.ts";
import type { TakenPorts } from "./judge.ts";
import { failed, type Outcome } from "./outcome.ts";
import { gatewayConfigOf } from "./parameters.ts";
import { nameOf } from "./problems.ts";
import type { DesiredObject, Problem } from "./result.ts";
import type { Route } from "./route.ts";

/** Classes in legacy mode: one ConfigMap each, with all Gateways of the class (spec/rendering.md 2.3, 7.3). */
export function renderLegacyClasses(context: Context, out: Collector, classes: readonly GatewayClass[]): void {
  const winners = namespaceWinners(context, classes);
  for (const gatewayClass of classes) {
    const gatewayConfig = undisputed(gatewayClass, gatewayConfigOf(context.state, gatewayClass), winners);
    const auth = gatewayConfig.failure ? gatewayConfig : renderAuth(context.state, context.options, gatewayConfig.value);
    const failure = gatewayConfig.failure ?? auth.failure;
    out.statuses.push(classStatus(context.options, gatewayClass, failure));
    if (gatewayConfig.value && auth.value) {
      renderClass(context, out, gatewayClass, gatewayConfig.value, auth.value);
    } else if (failure) {
      const namespace = gatewayConfig.value?.metadata.namespace;
      invalidateClass(context, out, gatewayClass, gatewayConfig.value, failure, winners.get(namespace ?? "") === gatewayClass);
    }
  }
}

/** The older class owns the ConfigMap of a namespace, then the one whose name comes first (I13). */
function namespaceWinners(context: Context, classes: readonly GatewayClass[]): Map<string, GatewayClass> {
  const winners = new Map<string, GatewayClass>();
  for (const gatewayClass of [...classes].sort(byAge)) {
    const namespace = gatewayConfigOf(context.state, gatewayClass).value?.metadata.namespace;
    if (namespace !== undefined && !winners.has(namespace)) winners.set(namespace, gatewayClass);
  }
  return winners;
}

function byAge(a: GatewayClass, b: GatewayClass): number {
  const [first, second] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  return first === second ? Number(a.metadata.name > b.metadata.name) - 0.5 : Number(first > second) - 0.5;
}

function undisputed(
  gatewayClass: GatewayClass,
  found: Outcome<GatewayConfig>,
  winners: ReadonlyMap<string, GatewayClass>,
): Outcome<GatewayConfig> {
  const winner = winners.get(found.value?.metadata.namespace ?? "");
  if (found.failure || !winner || winner === gatewayClass) return found;
  const message = `ConfigMap ${found.value.metadata.namespace}/${LEGACY_CONFIG_MAP_NAME} belongs to the older class ${winner.metadata.name}; use a GatewayConfig in another namespace`;
  return failed(nameOf(gatewayClass), "spec.parametersRef.namespace", "InvalidParameters", message);
}

type Auth = NonNullable<ReturnType<typeof renderAuth>["value"]>;

function renderClass(context: Context, out: Collector, gatewayClass: GatewayClass, gatewayConfig: GatewayConfig, { auth, warnings }: Auth): void {
  const { state, options } = context;
  const last = publishedInConfigMap(state.configMaps.get(`${gatewayConfig.metadata.namespace}/${LEGACY_CONFIG_MAP_NAME}`));
  const taken: TakenPorts = { UDP: new Set(), TCP: new Set([HEALTH_CHECK_PORT]) };
  const listeners: StunnerdListener[] = [];
  const routes = new Set<Route>();
  for (const gateway of state.gatewaysByClass.get(gatewayClass.metadata.name) ?? []) {
    const rendered = renderGateway(context, gateway, { gatewayConfig, taken, warnings, published: (name) => last.get(name) });
    listeners.push(...rendered.listeners);
    for (const route of rendered.routes) routes.add(route);
    out.statuses.push(rendered.status);
    if (rendered.service) want(out, rendered.service);
    else if (options.onInvalid === "hold" && !rendered.wantsNoService) holdService(out, context, keyOf(gateway));
  }
  const clusters = clustersOf(context, routes);
  const config: StunnerdConfig = {
    version: "v1",
    admin: legacyAdmin(gatewayConfig),
    auth,
    ...(listeners.length > 0 ? { listeners } : {}),
    ...(clusters.length > 0 ? { clusters } : {}),
  };
  want(out, configMap(context, gatewayClass, gatewayConfig.metadata.namespace ?? "", gatewayConfig, serializeConfig(config)));
}

function invalidateClass(
  context: Context,
  out: Collector,
  gatewayClass: GatewayClass,
  gatewayConfig: GatewayConfig | undefined,
  failure: Problem,
  isOwner: boolean,
): void {
  context.problems.push(failure);
  for (const gateway of context.state.gatewaysByClass.get(gatewayClass.metadata.name) ?? []) {
    invalidateGateway(context, out, gateway, failure, "Pending");
  }
  const { state } = context;
  const live = [...state.configMaps.values()].filter((one) => classOfConfigMap(one) === gatewayClass.metadata.name);
  if (context.options.onInvalid === "hold") {
    for (const one of live) out.heldObjects.add(`ConfigMap/${keyOf(one)}`);
    return;
  }
  const namespaces = new Set(live.map((one) => one.metadata.namespace ?? ""));
  if (gatewayConfig) namespaces.add(gatewayConfig.metadata.namespace ?? "");
  for (const namespace of namespaces) {
    const empty = configMap(context, gatewayClass, namespace, gatewayConfig, "");
    // Another class may own it by now (I13).
    if (isOwner || !out.objects.has(objectKey(empty))) want(out, empty);
  }
}

/** Under `hold` the class owns it, so that the garbage collector keeps it when the GatewayConfig goes (I11). */
function configMap(
  { options }: Context,
  gatewayClass: GatewayClass,
  namespace: string,
  gatewayConfig: GatewayConfig | undefined,
  text: string,
): DesiredObject {
  const owner = options.onInvalid === "teardown" && gatewayConfig ? gatewayConfig : gatewayClass;
  const { apiVersion, kind, metadata } = owner;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: LEGACY_CONFIG_MAP_NAME,
      namespace,
      labels: { [OWNED_BY_LABEL]: OWNED_BY_VALUE },
      annotations: { [RELATED_GATEWAY_KEY]: `/${gatewayClass.metadata.name}` },
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "" }],
    },
    data: { [LEGACY_CONFIG_MAP_KEY]: text },
  };
}
