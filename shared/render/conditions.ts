import type { Condition } from "../resources/meta.ts";

export type ConditionStatus = Condition["status"];

/** The Gateway API and the upstream's CRDs allow so many conditions in a list (spec/rendering.md 5.8). */
const MOST_CONDITIONS = 8;
/** The CRDs' bound on a message, in characters. */
const LONGEST_MESSAGE = 32_768;

export function condition(
  type: string,
  status: ConditionStatus,
  reason: string,
  message: string,
  generation: number | undefined,
): Condition {
  return {
    type,
    status,
    reason,
    message: message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE - 1)}…` : message,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
}

/**
 * Conditions of ours take the place of those with the same type; foreign ones stay where and as they are. A list
 * that would grow too long loses its oldest foreign entries, as upstream's does.
 */
export function mergeConditions(live: readonly Condition[] | undefined, ours: readonly Condition[]): Condition[] {
  const rest = new Map(ours.map((one) => [one.type, one]));
  const merged: Condition[] = [];
  for (const old of live ?? []) {
    const mine = rest.get(old.type);
    if (mine === undefined && ours.some((one) => one.type === old.type)) continue;
    merged.push(mine ?? old);
    rest.delete(old.type);
  }
  merged.push(...rest.values());
  let surplus = merged.length - MOST_CONDITIONS;
  if (surplus <= 0) return merged;
  const own = new Set(ours.map((one) => one.type));
  return merged.filter((one) => own.has(one.type) || surplus-- <= 0);
}
