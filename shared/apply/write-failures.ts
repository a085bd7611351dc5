import type { Change } from "../reconcile/report.ts";
import type { DesiredObject, DesiredStatus } from "../render/result.ts";
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
