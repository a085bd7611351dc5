import type { GatewayConfig } from "../resources/gateway-config.ts";
import type { Gateway } from "../resources/gateway.ts";
import { keyOf } from "../resources/meta.ts";
import type { StunnerdListener } from "../resources/stunnerd-config.ts";
import { exposingService, publicAddress } from "./address.ts";
import { admits, pointsAt } from "./attachment.ts";
import type { Context } from "./context.ts";
import { gatewayStatus, unsupportedAddressTypes, type RenderedListener } from "./gateway-status.ts";
import { judgeListeners, type JudgedListener, type TakenPorts } from "./judge.ts";
import { renderListener } from "./listener.ts";
import { nameOf } from "./problems.ts";
import type { DesiredStatus, Problem } from "./result.ts";
import type { Route } from "./route.ts";
import { serviceSettings, type ServiceSettings } from "./service-settings.ts";
import { desiredService, type DesiredService } from "./service.ts";
import { noteShadowedRoutes } from "./shadow.ts";

export interface RenderedGateway {
  readonly listeners: readonly StunnerdListener[];
  /** Routes that some listener accepts, rendered or not (spec/rendering.md 6.3). */
  readonly routes: readonly Route[];
  readonly service: DesiredService | undefined;
  /** The user asked for none: one that is there goes (I30). */
  readonly wantsNoService: boolean;
  readonly status: DesiredStatus;
}

export interface GatewayInputs {
  readonly gatewayConfig: GatewayConfig;
  readonly taken: TakenPorts;
  /** What is true of the class's credentials and ought to be known (I49). */
  readonly warnings: readonly Problem[];
  readonly published: (listener: string) => { readonly cert: string; readonly key: string } | undefined;
}

/** Everything of a Gateway whose class and parameters are in order (spec/rendering.md 2.4 step 3). */
export function renderGateway(context: Context, gateway: Gateway, inputs: GatewayInputs): RenderedGateway {
  const { state, options } = context;
  const key = keyOf(gateway);
  const settings = serviceSettings(gateway, inputs.gatewayConfig, options.labelFilter);
  const judged = judgeListeners({ state, options, gateway, targetPorts: settings.targetPorts, taken: inputs.taken, published: inputs.published });
  const service = desiredService(options, gateway, settings, judged, state.services.get(key));
  const keepsLive = options.onInvalid === "hold" && settings.type !== "None";
  const exposing = exposingService(context, gateway, service, keepsLive);
  const usable = unsupportedAddressTypes(gateway).length === 0;
  const attachable = context.routesByGateway.get(key) ?? [];
  const accepted = new Set<Route>();
  const rendered: RenderedListener[] = [];
  const listeners: StunnerdListener[] = [];
  for (const one of judged) {
    const routes = attachable
      .filter(({ route, parents }) => parents.some((parent) => pointsAt(parent, one.listener)) && admits(state, gateway, one.listener, route))
      .map(({ route }) => route);
    for (const route of routes) accepted.add(route);
    const address = usable ? addressOf(context, gateway, one, settings, exposing) : undefined;
    rendered.push({ judged: one, address, attachedRoutes: routes.length });
    const relayDiscovery = settings.relayDiscovery && options.mode === "managed" && options.delivery?.kind !== "configmap";
    const listener = renderListener(key, one, address, routes.map((route) => route.key), relayDiscovery);
    if (!listener) continue;
    listeners.push(listener);
    noteShadowedRoutes(context, listener, routes);
  }
  const warnings = [...inputs.warnings, ...settings.warnings, ...judged.flatMap((one) => one.problems)];
  context.problems.push(...warnings, ...gatewayProblems(context, gateway, settings));
  const wantsNoService = settings.type === "None";
  return { listeners, routes: [...accepted], service, wantsNoService, status: gatewayStatus(options, gateway, rendered, notesOf(warnings)) };
}

function addressOf(
  context: Context,
  gateway: Gateway,
  judged: JudgedListener,
  settings: ServiceSettings,
  exposing: ReturnType<typeof exposingService>,
) {
  const [wanted] = gateway.spec.addresses ?? [];
  // Without a Service of ours an address that the user gives is the user's to keep working.
  if (settings.type === "None" && wanted?.value && judged.protocol) {
    return { type: wanted.type ?? "IPAddress", value: wanted.value, port: judged.listener.port };
  }
  return publicAddress(gateway, judged, exposing, context.node);
}

/** What goes into the Accepted message: it works, but somebody should look at it (I30, I49). */
function notesOf(problems: readonly Problem[]): string[] {
  return [...new Set(problems.filter((one) => one.severity === "warning").map((one) => `${one.field}: ${one.message}`))];
}

function gatewayProblems(context: Context, gateway: Gateway, settings: ServiceSettings): Problem[] {
  const object = nameOf(gateway);
  const problems: Problem[] = unsupportedAddressTypes(gateway).map((type) => ({
    severity: "error",
    object,
    field: "spec.addresses",
    reason: "UnsupportedAddress",
    message: `address type ${type} is not supported; accepted: IPAddress, Hostname`,
  }));
  const { mode, delivery } = context.options;
  if (settings.relayDiscovery && (mode === "legacy" || delivery?.kind === "configmap")) {
    const message = `relay address discovery needs ${mode === "legacy" ? "managed mode" : "another delivery"}: nothing puts a node's address into a ConfigMap`;
    problems.push({ severity: "warning", object, field: "metadata.annotations", reason: "RelayAddressDiscovery", message });
  }
  return problems;
}
