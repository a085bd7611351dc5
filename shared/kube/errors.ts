/**
 * What an API server refused, or why it could not be asked. The message is for reports and logs: it holds no body of a
 * request and no credentials, and the server's own words only where they cannot repeat a secret.
 */
export class KubeError extends Error {
  /**
   * The `reason` of the server's Status (`Conflict`, `NotFound`, `Forbidden`, `Invalid`, …); `Http404` and the like where
   * there was no Status; `Unreachable`, `Timeout`, `Aborted`, `NoCredentials` or `BadAnswer`.
   */
  readonly code: string;
  /** HTTP status, 0 where there was no answer. */
  readonly status: number;
  /** Whether the same request may succeed later. A conflict may not: what was loaded is out of date. */
  readonly retryable: boolean;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfter: number | undefined;
  /** Fields that the server named as wrong, ascending. */
  readonly fields: readonly string[];
  /** Where the server refused for want of permission: the right that the request needs, as in `rightOf`. */
  readonly right: string | undefined;

  constructor(message: string, { code, status, retryable, retryAfter, fields = [], right, cause }: KubeErrorDetails) {
    super(message, cause === undefined ? {} : { cause });
    this.name = "KubeError";
    this.code = code;
    this.status = status;
    this.retryable = retryable;
    this.retryAfter = retryAfter;
    this.fields = fields;
    this.right = right;
  }
}

interface KubeErrorDetails {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly retryAfter?: number | undefined;
  readonly fields?: readonly string[];
  readonly right?: string | undefined;
  readonly cause?: unknown;
}

/** Whether the API server said that there is no such object. A 404 of anybody else, such as a proxy, says nothing (DESIGN.md 2). */
export function isNotFound(error: unknown): error is KubeError {
  return error instanceof KubeError && error.status === 404 && error.code === "NotFound";
}
