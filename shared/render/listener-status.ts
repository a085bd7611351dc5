import type { Condition } from "../resources/meta.ts";
import type { RouteKind } from "./attachment.ts";
import { allowedKinds } from "./attachment.ts";
import { condition } from "./conditions.ts";
import type { JudgedListener } from "./judge.ts";
import { parseProtocol } from "./protocol.ts";
import type { Listener } from "../resources/gateway.ts";

export interface ListenerStatus {
  readonly name: string;
  readonly supportedKinds: readonly RouteKind[];
  readonly attachedRoutes: number;
  readonly conditions: readonly Condition[];
}

/** Status of a listener of a Gateway that was rendered (spec/rendering.md 5.8; I4, I22, I38, I39, I42). */
export function listenerStatus(judged: JudgedListener, attachedRoutes: number, generation: number | undefined): ListenerStatus {
  const { listener, protocol, conflicted, kinds, rendered, certificateFailure } = judged;
  const say = (type: string, ok: boolean, [good, bad]: readonly [string, string], message: string) =>
    condition(type, ok ? "True" : "False", ok ? good : bad, message, generation);
  const messageOf = (reason: string) => judged.problems.find((one) => one.reason === reason)?.message;
  const accepted = protocol !== undefined && !conflicted;
  const refsReason = certificateFailure?.reason ?? (kinds.invalid.length > 0 ? "InvalidRouteKinds" : undefined);
  const refsMessage = certificateFailure?.message ?? messageOf("InvalidRouteKinds") ?? "all references resolved";
  const held = rendered && certificateFailure !== undefined;
  const unrendered = protocol ? (certificateFailure?.message ?? messageOf("PortUnavailable")) : messageOf("UnsupportedProtocol");
  return {
    name: listener.name,
    supportedKinds: protocol ? kinds.kinds : [],
    attachedRoutes: protocol ? attachedRoutes : 0,
    conditions: [
      say("Accepted", accepted, ["Accepted", protocol ? "PortUnavailable" : "UnsupportedProtocol"], accepted ? "listener accepted" : (unrendered ?? "")),
      condition(
        "Conflicted",
        conflicted ? "True" : "False",
        conflicted ? "ProtocolConflict" : "NoConflicts",
        conflicted ? (messageOf("PortUnavailable") ?? "") : "no conflicts",
        generation,
      ),
      say("ResolvedRefs", refsReason === undefined, ["ResolvedRefs", refsReason ?? ""], refsMessage),
      say(
        "Programmed",
        rendered,
        ["Programmed", "Invalid"],
        held ? "served with the certificate published last" : rendered ? "listener is in the dataplane configuration" : (unrendered ?? ""),
      ),
    ],
  };
}

/** Status of a listener of a Gateway that is invalid as a whole (spec/rendering.md 2.5). */
export function invalidListenerStatus(listener: Listener, message: string, generation: number | undefined): ListenerStatus {
  return {
    name: listener.name,
    supportedKinds: parseProtocol(listener.protocol) ? allowedKinds(listener).kinds : [],
    attachedRoutes: 0,
    conditions: [
      condition("Accepted", "Unknown", "Pending", message, generation),
      condition("Conflicted", "False", "NoConflicts", "no conflicts", generation),
      condition("ResolvedRefs", "True", "ResolvedRefs", "all references resolved", generation),
      condition("Programmed", "False", "Pending", message, generation),
    ],
  };
}
