import { isObject, textOf, type JsonObject } from "../support/json.ts";
import type { Answer } from "./transport.ts";

/** The API server refused a request of the test. The message is the server's own. */
export class RequestRefused extends Error {
  /** The `reason` of the server's Status: `NotFound`, `Conflict`, `Forbidden`, `Invalid`, … */
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  /** `details.causes` of the server's Status: which fields are wrong, and why. */
  readonly causes: readonly JsonObject[];

  constructor(method: string, path: string, { status, body }: Answer) {
    const answer = isObject(body) ? body : {};
    super(`${method} ${path}: ${status} ${textOf(answer, "message") || JSON.stringify(body)}`);
    this.name = "RequestRefused";
    this.code = textOf(answer, "reason") || "Unknown";
    this.status = status;
    this.retryable = status === 409 || status === 429 || status >= 500;
    const causes = isObject(answer["details"]) ? answer["details"]["causes"] : [];
    this.causes = Array.isArray(causes) ? causes.filter(isObject) : [];
  }
}
