import { isObject } from "../../shared/apply/json.ts";
import type { DesiredStatus } from "../../shared/render/result.ts";

/** Conditions that mean an error when they have this status. `Programmed` is judged by its reason. */
const ERRORS: ReadonlyMap<unknown, string> = new Map([
  ["Accepted", "False"],
  ["ResolvedRefs", "False"],
  ["Conflicted", "True"],
]);

/**
 * Whether a status of ours tells of an error that its user has to mend. A Gateway that waits for its address is none:
 * offline nobody gives it one.
 */
export function tellsError({ kind, status }: DesiredStatus, controllerName: string): boolean {
  if (kind === "UDPRoute") {
    return objects(status["parents"]).some((parent) => parent["controllerName"] === controllerName && anyError(parent["conditions"]));
  }
  return anyError(status.conditions) || objects(status["listeners"]).some((listener) => anyError(listener["conditions"]));
}

function anyError(conditions: unknown): boolean {
  return objects(conditions).some(({ type, status, reason }) => {
    if (type === "Programmed") return status === "False" && reason === "Invalid";
    return status === ERRORS.get(type);
  });
}

function objects(list: unknown): Record<string, unknown>[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}
