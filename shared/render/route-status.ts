import type { Gateway } from "../resources/gateway.ts";
import type { Condition } from "../resources/meta.ts";
import type { RouteParentStatus } from "../resources/udp-route.ts";
import { GATEWAY_GROUP } from "../resources/constants.ts";
import { admits, pointsAt } from "./attachment.ts";
import { condition } from "./conditions.ts";
import type { Context } from "./context.ts";
import { nameOf } from "./problems.ts";
import type { DesiredStatus } from "./result.ts";
import { parentIdentity, type Parent, type Route } from "./route.ts";

/** The CRD's bound on `status.parents`. */
const MOST_PARENTS = 32;

/**
 * Status of a route: one entry for each parent of ours, in place of the one that is there, and everything that other
 * controllers wrote as it is (spec/rendering.md 6.6; I7, I8). Undefined where we have nothing to say nor to remove.
 * @param undecided Gateways that are neither ours nor released yet: their entries stay (I9)
 */
export function routeStatus(context: Context, route: Route, undecided: ReadonlySet<string>): DesiredStatus | undefined {
  const { apiVersion, metadata, status } = route.route;
  const live = (status?.parents ?? []) as readonly RouteParentStatus[];
  const entries = parentEntries(context, route);
  const isOurs = (one: RouteParentStatus) => one.controllerName === context.options.controllerName;
  if (entries.size === 0 && !live.some(isOurs)) return undefined;
  const parents: unknown[] = [];
  for (const old of live) {
    const identity = parentIdentity(old.parentRef, route.route);
    const gateway = `${old.parentRef.namespace ?? metadata.namespace ?? ""}/${old.parentRef.name}`;
    if (!isOurs(old) || undecided.has(gateway)) parents.push(old);
    else if (entries.has(identity)) parents.push(entries.get(identity));
    else continue;
    if (isOurs(old)) entries.delete(identity);
  }
  parents.push(...entries.values());
  return {
    apiVersion,
    kind: "UDPRoute",
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    status: { ...status, parents: parents.slice(0, MOST_PARENTS) },
  };
}

function parentEntries(context: Context, route: Route): Map<string, unknown> {
  const entries = new Map<string, unknown>();
  const gatewayOf = (parent: Parent) => context.state.gateways.get(parent.gateway);
  const hasOurs = route.parents.some((parent) => isOursOrNone(context, gatewayOf(parent)) === "ours");
  if (!hasOurs) return entries;
  const refs = resolvedRefs(context, route);
  for (const parent of route.parents) {
    const gateway = gatewayOf(parent);
    if (isOursOrNone(context, gateway) === "foreign") continue;
    const { group, kind, ...ref } = parent.ref;
    entries.set(parentIdentity(parent.ref, route.route), {
      parentRef: { group: group ?? GATEWAY_GROUP, kind: kind ?? "Gateway", ...ref },
      controllerName: context.options.controllerName,
      conditions: [acceptedCondition(context, route, parent, gateway), refs],
    });
  }
  return entries;
}

function isOursOrNone(context: Context, gateway: Gateway | undefined): "ours" | "none" | "foreign" {
  if (!gateway) return "none";
  return context.isOurs(gateway) ? "ours" : "foreign";
}

function acceptedCondition(context: Context, route: Route, parent: Parent, gateway: Gateway | undefined): Condition {
  const { generation } = route.route.metadata;
  const refuse = (reason: string, message: string) => {
    context.problems.push({ severity: "error", object: nameOf(route.route), field: `spec.parentRefs[${parent.index}]`, reason, message });
    return condition("Accepted", "False", reason, message, generation);
  };
  if (route.masked) {
    return condition("Accepted", "False", "Pending", `masked by the UDPRoute ${route.key} of stunner.l7mp.io`, generation);
  }
  if (!gateway) return refuse("NoMatchingParent", `Gateway ${parent.gateway} does not exist`);
  const matching = gateway.spec.listeners.filter((listener) => pointsAt(parent, listener));
  if (matching.length === 0 && gateway.spec.listeners.length > 0) {
    const names = gateway.spec.listeners.map((one) => `${one.name} (port ${one.port})`).join(", ");
    return refuse("NoMatchingParent", `Gateway ${parent.gateway} has no listener of that sectionName and port; it has: ${names}`);
  }
  if (!matching.some((listener) => admits(context.state, gateway, listener, route))) {
    const message = `allowedRoutes of Gateway ${parent.gateway} admits no UDPRoute of namespace ${route.route.metadata.namespace ?? ""} and this group`;
    return refuse("NotAllowedByListeners", message);
  }
  const extra = context.clusters.get(route)?.extraRules ? "; only the first rule counts, the others are ignored" : "";
  return condition("Accepted", "True", "Accepted", `accepted by Gateway ${parent.gateway}${extra}`, generation);
}

/** The same for every parent (spec/rendering.md 6.6). */
function resolvedRefs(context: Context, route: Route): Condition {
  const { generation } = route.route.metadata;
  const cluster = context.clusters.get(route);
  if (!cluster) return condition("ResolvedRefs", "True", "ResolvedRefs", "all references resolved", generation);
  const notes = [...(context.routeNotes.get(route.key) ?? [])].sort();
  const message = [cluster.message, ...notes].join("; ");
  const object = nameOf(route.route);
  const field = "spec.rules[0].backendRefs";
  if (!cluster.resolved) context.problems.push({ severity: "error", object, field, reason: cluster.reason, message });
  else if (notes.length > 0 || cluster.noted) context.problems.push({ severity: "warning", object, field, reason: "PortRange", message });
  if (cluster.extraRules) {
    context.problems.push({ severity: "warning", object, field: "spec.rules[1]", reason: "RuleIgnored", message: "only the first rule counts" });
  }
  return condition("ResolvedRefs", cluster.resolved ? "True" : "False", cluster.reason, message, generation);
}
