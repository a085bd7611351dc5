/** A cloud's service refused or could not be asked. The message names what was tried; it holds no credentials and no body. */
export class CloudError extends Error {
  /** The service's own word, such as `AccessDenied`; `Http503` and the like where it said none, `unreachable` without an answer. */
  readonly code: string;
  /** HTTP status, 0 where there was no answer. */
  readonly status: number;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;

  /** @param details `hint`: what goes on behind the code: `, the role …` */
  constructor(doing: string, details: { code: string; status: number; hint?: string; retryable?: boolean; cause?: unknown }) {
    const { code, status, hint = "", cause } = details;
    super(`cannot ${doing}: ${code}${status === 0 ? "" : ` (HTTP ${status})`}${hint}`, cause === undefined ? {} : { cause });
    this.name = "CloudError";
    this.code = code;
    this.status = status;
    this.retryable = details.retryable ?? isPassing(status);
  }
}

/** What the same request may not meet again; without an answer, too. */
export function isPassing(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}
