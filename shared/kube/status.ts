import * as z from "zod/mini";
import type { KubeRequest } from "./client.ts";
import { KubeError } from "./errors.ts";

/** The `Status` object with which an API server refuses. */
const statusSchema = z.looseObject({
  message: z.optional(z.string()),
  reason: z.optional(z.string()),
  details: z.optional(
    z.looseObject({
      retryAfterSeconds: z.optional(z.number()),
      causes: z.optional(z.array(z.looseObject({ field: z.optional(z.string()) }))),
    }),
  ),
});

/** Statuses after which the same request may succeed; 500 is there because API servers answer it for passing faults. */
const RETRYABLE: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** @param retryAfter the header, in seconds */
export function errorOf(request: KubeRequest, status: number, body: unknown, retryAfter: string | undefined): KubeError {
  const { data } = z.safeParse(statusSchema, body);
  const seconds = Number(retryAfter ?? data?.details?.retryAfterSeconds ?? Number.NaN);
  return new KubeError(`${request.method} ${request.path}: ${data?.message ?? `HTTP ${status}`}`, {
    code: data?.reason || `Http${status}`,
    status,
    retryable: RETRYABLE.has(status),
    ...(Number.isFinite(seconds) ? { retryAfter: seconds * 1000 } : {}),
    fields: [...new Set((data?.details?.causes ?? []).flatMap(({ field }) => field ?? []))].sort(),
  });
}
