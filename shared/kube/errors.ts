/** What an API server refused, or why it could not be asked. Messages are the server's own; they hold no secrets. */
export class KubeError extends Error {
  /** The `reason` of the server's Status (`Conflict`, `NotFound`, `Forbidden`, `Invalid`, …), `Unreachable`, or `BadAnswer`. */
  readonly code: string;
  /** HTTP status, 0 where there was no answer. */
  readonly status: number;
  /** Whether the same request may succeed later. A conflict may not: what was loaded is out of date. */
  readonly retryable: boolean;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfter: number | undefined;
  /** Fields that the server named as wrong, ascending. */
  readonly fields: readonly string[];

  constructor(message: string, details: Omit<Pick<KubeError, "code" | "status" | "retryable">, never> & KubeErrorExtras) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = "KubeError";
    this.code = details.code;
    this.status = details.status;
    this.retryable = details.retryable;
    this.retryAfter = details.retryAfter;
    this.fields = details.fields ?? [];
  }
}

interface KubeErrorExtras {
  readonly retryAfter?: number | undefined;
  readonly fields?: readonly string[];
  readonly cause?: unknown;
}
