import { keyOf, type KubeObject } from "../resources/meta.ts";
import type { Problem } from "./result.ts";

/** `Kind namespace/name`, the way problems and messages name an object. */
export function nameOf(object: Pick<KubeObject, "kind" | "metadata">): string {
  return `${object.kind} ${keyOf(object)}`;
}

/** Ascending by object, field, reason, message, without repetitions: the same state gives the same list. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const byText = new Map(
    problems.map((one) => [[one.object, one.field, one.reason, one.message, one.severity].join("\0"), one]),
  );
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, problem]) => problem);
}
