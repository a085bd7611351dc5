/** What is wrong with a manifest, or what its author ought to know of it. Never holds a value out of a Secret. */
export interface ManifestProblem {
  /** error: the document does not count. warning: it counts, though not as it stands. info: nothing to mend. */
  readonly severity: "error" | "warning" | "info";
  /** Path of the file as it was given or found. */
  readonly file: string;
  /** Number of the document within the file, from 1; 0 where the file as a whole is meant. */
  readonly document: number;
  /** Line within the file, from 1; 0 where the file as a whole is meant. */
  readonly line: number;
  /** `Kind namespace/name`, as much of it as is known. */
  readonly object: string;
  /** Path of the field, `spec.listeners[0].protocol`; empty where the object or document as a whole is meant. */
  readonly field: string;
  /** One word in CamelCase for programs. */
  readonly reason: string;
  /** What is wrong and what is accepted. */
  readonly message: string;
}

/** One line for people: `gateway.yaml:12: error: Gateway default/udp: spec.listeners[0].port: must be …`. */
export function formatProblem({ severity, file, line, object, field, message }: ManifestProblem): string {
  const place = line > 0 ? `${file}:${line}` : file;
  return [place, severity, object, field, message].filter((part) => part !== "").join(": ");
}
