import type { KubeRequest } from "./client.ts";
import { KubeError } from "./errors.ts";

/** How long a request may take, and who else may end it. */
export interface Limit {
  readonly signal: AbortSignal;
  /** What has gone wrong with the request, in the words that fit. */
  toKubeError(error: unknown): KubeError;
  /** The time does not count any more; the signal of the request still does. */
  lift(): void;
}

/** @param timeout milliseconds */
export function startLimit({ method, path, signal }: Pick<KubeRequest, "method" | "path" | "signal">, timeout: number): Limit {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeout);
  const fail = (message: string, code: string, retryable: boolean, cause?: unknown) =>
    new KubeError(`${method} ${path}: ${message}`, { code, status: 0, retryable, cause });
  return {
    signal: signal ? AbortSignal.any([late.signal, signal]) : late.signal,
    toKubeError(error) {
      if (error instanceof KubeError) return error;
      if (late.signal.aborted) return fail(`no answer within ${timeout} ms`, "Timeout", true);
      if (signal?.aborted) return fail("given up", "Aborted", false);
      return fail(error instanceof Error ? error.message : "no answer", "Unreachable", true, error);
    },
    lift: () => clearTimeout(timer),
  };
}
