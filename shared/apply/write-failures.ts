import type { Change } from "../reconcile/report.ts";
import type { Deletion, DesiredObject, DesiredStatus } from "../render/result.ts";
import type { Condition } from "../resources/meta.ts";

/** By `namespace/name` of the Gateway: what could not be written for it, and why. */
export function failuresByGateway(
  objects: readonly DesiredObject[],
  changes: readonly (Change | undefined)[],
): ReadonlyMap<string, string> {
  const failures = new Map<string, string>();
  for (const [index, { metadata }] of objects.entries()) {
    const change = changes[index];
    const gateway = metadata.ownerReferences?.find((owner) => owner.kind === "Gateway");
    if (change?.operation !== "failed" || !gateway) continue;
    const key = `${metadata.namespace}/${gateway.name}`;
    const sentence = `${change.object} could not be written: ${change.reason ?? ""}`;
    failures.set(key, [failures.get(key), sentence].filter(Boolean).join("; "));
  }
  return failures;
}

/**
 * A Gateway that is let go loses our conditions only when nothing of it is left to be deleted: by them the next pass
 * knows that it was ours (rule I9). Whose a deletion was is not asked; any in its namespace counts.
 */
export function withoutFarewells(statuses: readonly DesiredStatus[], deletions: readonly Deletion[], changes: readonly (Change | undefined)[]): readonly DesiredStatus[] {
  const left = new Set(deletions.filter((_, index) => changes[index]?.operation === "failed").map(({ namespace }) => namespace));
  if (left.size === 0) return statuses;
  return statuses.filter((one) => !(isFarewell(one) && left.has(one.namespace ?? "")));
}

/** What we wrote is gone from it: conditions that we render have no time yet. */
function isFarewell({ kind, status }: DesiredStatus): boolean {
  return kind === "Gateway" && (status.conditions ?? []).every(({ lastTransitionTime }) => lastTransitionTime !== undefined);
}

/** A Gateway of which something could not be written is not programmed, and its status says why (rule I24). */
export function withFailures(statuses: readonly DesiredStatus[], failures: ReadonlyMap<string, string>): readonly DesiredStatus[] {
  if (failures.size === 0) return statuses;
  return statuses.map((one) => {
    const failure = one.kind === "Gateway" ? failures.get(`${one.namespace ?? ""}/${one.name}`) : undefined;
    if (failure === undefined) return one;
    const conditions = one.status.conditions?.map((condition) => (condition.type === "Programmed" ? pending(condition, failure) : condition));
    return { ...one, status: { ...one.status, ...(conditions && { conditions }) } };
  });
}

function pending(condition: Condition, failure: string): Condition {
  const message = condition.status === "True" ? failure : `${condition.message}; ${failure}`;
  return { ...condition, status: "False", reason: "Pending", message };
}
