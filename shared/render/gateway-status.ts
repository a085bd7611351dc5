import type { Gateway } from "../resources/gateway.ts";
import type { Condition } from "../resources/meta.ts";
import type { PublicAddress } from "./address.ts";
import { condition, mergeConditions } from "./conditions.ts";
import type { JudgedListener } from "./judge.ts";
import { invalidListenerStatus, listenerStatus } from "./listener-status.ts";
import type { DesiredStatus, Problem, RenderOptions } from "./result.ts";

const SUPPORTED_ADDRESS_TYPES = ["IPAddress", "Hostname"];
/** The CRD's bound on `status.addresses`. */
const MOST_ADDRESSES = 16;

export interface RenderedListener {
  readonly judged: JudgedListener;
  readonly address: PublicAddress | undefined;
  readonly attachedRoutes: number;
}

/** Types in `spec.addresses` that mean nothing here (improvements I45). */
export function unsupportedAddressTypes(gateway: Gateway): string[] {
  return (gateway.spec.addresses ?? []).map((one) => one.type ?? "IPAddress").filter((type) => !SUPPORTED_ADDRESS_TYPES.includes(type));
}

/** Only the first of `spec.addresses` can be asked for (spec/resources.md 2.7); the Gateway API wants the others told (I45). */
function unusableAddresses(gateway: Gateway): string[] {
  const [first, ...others] = (gateway.spec.addresses ?? []).flatMap(({ value }) => value ?? []);
  return others.filter((value) => value !== first);
}

/**
 * Status of a Gateway that was rendered (spec/rendering.md 5.8; I6, I38, I45).
 * @param notes sentences for the Accepted message: what works but ought to be known (I30, I49)
 */
export function gatewayStatus(options: RenderOptions, gateway: Gateway, listeners: readonly RenderedListener[], notes: readonly string[]): DesiredStatus {
  const { generation } = gateway.metadata;
  const unassigned = listeners.filter((one) => !one.address).map((one) => one.judged.listener.name);
  const say = (status: "True" | "False", reason: string, message: string) => condition("Programmed", status, reason, message, generation);
  const unusable = unusableAddresses(gateway);
  const programmed =
    unassigned.length > 0
      ? say("False", "AddressNotAssigned", `no public address for listener ${unassigned.join(", ")}`)
      : unusable.length > 0
        ? say("False", "AddressNotUsable", `a Service takes one address; not used: ${unusable.join(", ")}`)
        : say("True", "Programmed", "dataplane configuration rendered");
  return withStatus(gateway, [acceptedCondition(options, gateway, listeners, notes), programmed], {
    addresses: distinctAddresses(listeners),
    listeners: listeners.map((one) => listenerStatus(one.judged, one.attachedRoutes, generation)),
  });
}

function acceptedCondition(options: RenderOptions, gateway: Gateway, listeners: readonly RenderedListener[], notes: readonly string[]): Condition {
  const say = (status: "True" | "False", reason: string, message: string) =>
    condition("Accepted", status, reason, [message, ...notes].join("; "), gateway.metadata.generation);
  const types = unsupportedAddressTypes(gateway);
  if (types.length > 0) {
    return say("False", "UnsupportedAddress", `address type ${types.join(", ")} is not supported; accepted: ${SUPPORTED_ADDRESS_TYPES.join(", ")}`);
  }
  const invalid = listeners.filter((one) => isInvalid(one.judged)).map((one) => one.judged.listener.name);
  if (invalid.length === 0) return say("True", "Accepted", `accepted by controller ${options.controllerName}`);
  const message = `listener ${invalid.join(", ")} is not valid; its conditions tell why`;
  return say(listeners.some((one) => one.judged.rendered) ? "True" : "False", "ListenersNotValid", message);
}

function isInvalid({ rendered, certificateFailure, kinds }: JudgedListener): boolean {
  return !rendered || certificateFailure !== undefined || kinds.invalid.length > 0;
}

function distinctAddresses(listeners: readonly RenderedListener[]): { type: string; value: string }[] {
  const found = listeners.flatMap(({ address }) => (address ? [{ type: address.type, value: address.value }] : []));
  const distinct = new Map(found.map((one) => [`${one.type} ${one.value}`, one]));
  return [...distinct.values()].slice(0, MOST_ADDRESSES);
}

/**
 * Status of a Gateway that cannot be rendered at all (spec/rendering.md 2.5).
 * @param reason of Accepted=False: `Pending`, or `InvalidParameters` where `infrastructure.parametersRef` is at fault (I41)
 * @param held the dataplane keeps running, so its addresses stay told (I10)
 */
export function invalidGatewayStatus(options: RenderOptions, gateway: Gateway, failure: Problem, reason: string, held: boolean): DesiredStatus {
  const { generation } = gateway.metadata;
  const message = `${failure.object}: ${failure.message}${held ? "; the last good dataplane keeps running" : ""}`;
  const conditions = [
    condition("Accepted", "False", reason, message, generation),
    condition("Programmed", "False", "Invalid", `controller ${options.controllerName}: ${message}`, generation),
  ];
  return withStatus(gateway, conditions, {
    addresses: held ? (gateway.status?.addresses ?? []) : [],
    listeners: gateway.spec.listeners.map((listener) => invalidListenerStatus(listener, message, generation)),
  });
}

function withStatus(gateway: Gateway, conditions: readonly Condition[], rest: { addresses: readonly unknown[]; listeners: readonly unknown[] }): DesiredStatus {
  const { addresses: _addresses, conditions: live, listeners: _listeners, ...foreign } = gateway.status ?? {};
  return {
    apiVersion: gateway.apiVersion,
    kind: "Gateway",
    namespace: gateway.metadata.namespace ?? "",
    name: gateway.metadata.name,
    status: {
      ...foreign,
      conditions: mergeConditions(live, conditions),
      ...(rest.addresses.length > 0 ? { addresses: rest.addresses } : {}),
      listeners: rest.listeners,
    },
  };
}
