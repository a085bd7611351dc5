/** What becomes of mistakes: told, or, where the object alone proves them, refused. */
export type AdmissionMode = "warn" | "deny";

/** A write that an API server asks about, as far as it is judged. */
export interface ReviewRequest {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  /** Nothing will be stored. */
  readonly dryRun: boolean;
  /** As the API server sends them; null or absent where there is none. */
  readonly object?: unknown;
  readonly oldObject?: unknown;
}

/** What is said to a write. No secrets, no control characters. */
export interface Verdict {
  readonly allowed: boolean;
  /** At most 16, of at most 120 bytes each (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/). */
  readonly warnings: readonly string[];
  /** Why it is refused. */
  readonly message?: string;
}

/** Must return at once and never throw: an API server waits in the middle of a write. */
export type Judge = (request: ReviewRequest) => Verdict;

export const NOTHING_TO_SAY: Verdict = { allowed: true, warnings: [] };
