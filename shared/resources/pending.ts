import type { Condition } from "./meta.ts";

/** The conditions that the API server gives an object which no controller has seen yet. */
export function pendingConditions(...types: string[]): (Condition & { lastTransitionTime: string })[] {
  return types.map((type) => ({
    type,
    status: "Unknown",
    reason: "Pending",
    message: "Waiting for controller",
    lastTransitionTime: "1970-01-01T00:00:00Z",
  }));
}
