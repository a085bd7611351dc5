import type { DesiredStatus } from "../render/result.ts";
import type { ClusterState } from "../resources/cluster.ts";

/** So many names stand in a message. */
const MOST_NAMES = 10;

/**
 * Statuses of a pass that could not read everything (DESIGN.md 2): the classes of ours say what, in the message of
 * Accepted, whose status stays what it was. One write per class, not one per Gateway: a failure may last a moment only.
 */
export function unreadStatuses(state: ClusterState, controllerName: string, unread: readonly string[]): DesiredStatus[] {
  const rest = unread.length - MOST_NAMES;
  const names = `${unread.slice(0, MOST_NAMES).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  const message = `could not be read, and what depends on it stays as it is: ${names}`;
  return [...state.gatewayClasses.values()].flatMap(({ apiVersion, metadata: { name }, spec, status }) => {
    const conditions = status?.conditions ?? [];
    if (spec.controllerName !== controllerName || !conditions.some(({ type, status: is }) => type === "Accepted" && is !== "Unknown")) return [];
    return [{ apiVersion, kind: "GatewayClass" as const, name, status: { ...status, conditions: conditions.map((one) => (one.type === "Accepted" ? { ...one, message } : one)) } }];
  });
}
