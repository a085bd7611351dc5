import { relative } from "node:path";
import type { Problem } from "../../render/result.ts";
import type { ManifestProblem } from "../../state/problem.ts";

/** Problems of manifests in the form of all others: the place goes into the message. What is no problem is left out. */
export function toProblems(problems: readonly ManifestProblem[], root: string): Problem[] {
  return problems.flatMap(({ severity, file, line, object, field, reason, message }) => {
    if (severity === "info") return [];
    const path = relative(root, file) || file;
    const place = line > 0 ? `${path}:${line}` : path;
    return [{ severity, object: object || `File ${path}`, field, reason, message: `${place}: ${message}` }];
  });
}
