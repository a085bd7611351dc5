import { FIELD_MANAGER } from "../render/managed-fields.ts";
import { GATEWAY_GROUP, STUNNER_GROUP } from "../resources/constants.ts";
import { type Change, kindKey, type Labels } from "./change.ts";
import type { Refs } from "./refs.ts";
import { RULES, type RelevanceSettings } from "./relevance-rules.ts";

export type { RelevanceSettings } from "./relevance-rules.ts";

/**
 * Whether a pass might do something because of a change (DESIGN.md 2, 4.4). Only what surely does not matter is
 * dropped: whatever an event does not tell, and every kind without a rule, matters. Without references everything does.
 * One exception, since it would be a pass per node and minute: a write to a Node's status whose addresses are not told
 * is taken for a heartbeat; the resync finds what it was.
 */
export function isRelevant(change: Change, refs: Refs | undefined, settings: RelevanceSettings): boolean {
  if (isOwnStatus(change) || isKnownToStay(change)) return false;
  return refs === undefined || (RULES.get(kindKey(change))?.(change, refs, settings) ?? true);
}

/** Our own words, coming back. */
function isOwnStatus({ group, subresource, manager }: Change): boolean {
  return subresource === "status" && manager?.startsWith(FIELD_MANAGER) === true && (group === GATEWAY_GROUP || group === STUNNER_GROUP);
}

/** Of Nodes only the addresses count, of Namespaces only the labels (improvements I17), of workloads not the status. */
function isKnownToStay({ group, kind, operation, subresource, labels, addresses }: Change): boolean {
  const isStatus = subresource === "status";
  if (group === "apps") return isStatus;
  if (group !== "" || operation !== "update") return false;
  if (kind === "Node") return addresses === undefined ? isStatus : isSame(addresses);
  return kind === "Namespace" && (isStatus || isSame(labels?.map(textOf)));
}

/** Two values are told, before and after, and they are one. */
function isSame(values: readonly string[] | undefined): boolean {
  return values?.length === 2 && values[0] === values[1];
}

function textOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
