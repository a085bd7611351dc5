import type { GatewayClass } from "../resources/gateway-class.ts";
import type { Gateway } from "../resources/gateway.ts";
import { DISABLE_MANAGED_DATAPLANE_ANNOTATION, METRICS_PORT, HEALTH_CHECK_PORT } from "../resources/constants.ts";
import { keyOf } from "../resources/meta.ts";
import type { StunnerdAdmin, StunnerdConfig } from "../resources/stunnerd-config.ts";
import { managedAdmin } from "./admin.ts";
import { renderAuth, type RenderedAuth } from "./auth.ts";
import { classStatus } from "./class-status.ts";
import { holdService, want, type Collector } from "./collector.ts";
import { clustersOf } from "./clusters.ts";
import type { Context } from "./context.ts";
import { deliveryObjects } from "./delivery/objects.ts";
import { deliveryProblems } from "./delivery/problems.ts";
import { renderGateway } from "./gateway.ts";
import { invalidateGateway } from "./invalid.ts";
import type { TakenPorts } from "./judge.ts";
import { classParameters, gatewayDataplane, type ClassParameters } from "./parameters.ts";
import type { Problem } from "./result.ts";
import { desiredWorkload } from "./workload.ts";

/** A class in managed mode: one config, Service and Deployment per Gateway (spec/rendering.md 2.2, 2.4). */
export function renderManagedClass(context: Context, out: Collector, gatewayClass: GatewayClass): void {
  const { state, options } = context;
  const gateways = state.gatewaysByClass.get(gatewayClass.metadata.name) ?? [];
  const parameters = classParameters(state, gatewayClass);
  out.statuses.push(classStatus(options, gatewayClass, parameters.failure));
  if (parameters.failure) {
    context.problems.push(parameters.failure);
    for (const gateway of gateways) invalidateGateway(context, out, gateway, parameters.failure, "Pending");
    return;
  }
  const auth = renderAuth(state, options, parameters.value.gatewayConfig);
  for (const gateway of gateways) {
    if (auth.failure) invalidateGateway(context, out, gateway, auth.failure, "Pending");
    else renderManagedGateway(context, out, gateway, parameters.value, auth.value);
  }
}

function renderManagedGateway(
  context: Context,
  out: Collector,
  gateway: Gateway,
  { gatewayConfig, dataplane: classDataplane }: ClassParameters,
  { auth, warnings }: RenderedAuth,
): void {
  const { state, options } = context;
  const key = keyOf(gateway);
  const invalid = (failure: Problem, reason: string) => invalidateGateway(context, out, gateway, failure, reason);
  const dataplane = gatewayDataplane(state, gateway, classDataplane);
  if (dataplane.failure) return invalid(dataplane.failure, "InvalidParameters");
  const admin = managedAdmin(key, gatewayConfig, dataplane.value);
  if (admin.failure) return invalid(admin.failure, "Pending");
  const last = options.published.get(key);
  const rendered = renderGateway(context, gateway, {
    gatewayConfig,
    taken: ownPorts(admin.value),
    warnings,
    published: (name) => certificateIn(last, name),
  });
  const clusters = clustersOf(context, rendered.routes);
  const config: StunnerdConfig = {
    version: "v1",
    admin: admin.value,
    auth,
    ...(rendered.listeners.length > 0 ? { listeners: [...rendered.listeners] } : {}),
    ...(clusters.length > 0 ? { clusters } : {}),
  };
  out.configs.set(key, { uid: gateway.metadata.uid ?? "", config });
  out.statuses.push(rendered.status);
  if (rendered.service) want(out, rendered.service);
  else if (options.onInvalid === "hold" && !rendered.wantsNoService) holdService(out, context, key);
  const isDisabled = gateway.metadata.annotations?.[DISABLE_MANAGED_DATAPLANE_ANNOTATION]?.toLowerCase() === "true";
  if (isDisabled) return;
  const port = context.proxyPorts.get(key) ?? 0;
  want(out, desiredWorkload(options, gateway, dataplane.value, port));
  for (const object of deliveryObjects(options.delivery, gateway, config, port)) want(out, object);
  context.problems.push(...deliveryProblems(options.delivery, dataplane.value));
}

/** TCP ports on which stunnerd serves health and metrics: a listener there could not start (I4). */
function ownPorts(admin: StunnerdAdmin): TakenPorts {
  const ports = [admin.healthcheck_endpoint ? HEALTH_CHECK_PORT : 0, admin.metrics_endpoint ? METRICS_PORT : 0];
  return { UDP: new Set(), TCP: new Set(ports.filter((port) => port > 0)) };
}

/** Certificate and key of a listener in a config that was published before (I10). */
export function certificateIn(config: StunnerdConfig | undefined, listener: string): { cert: string; key: string } | undefined {
  const found = config?.listeners?.find((one) => one.name === listener);
  return found?.cert && found.key ? { cert: found.cert, key: found.key } : undefined;
}
