import type { FieldPath } from "./field-path.ts";

/** Something to say of one object; with file, document and line it becomes a `ManifestProblem`. */
export interface Finding {
  readonly severity: "error" | "warning" | "info";
  readonly reason: string;
  readonly path: FieldPath;
  readonly message: string;
}

/** Takes findings as they are made. */
export type Report = (finding: Finding) => void;
