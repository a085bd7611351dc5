import * as z from "zod/mini";
import type { KubeRequest } from "./client.ts";
import { KubeError } from "./errors.ts";
import { rightOf } from "./right.ts";

/** The `Status` object with which an API server refuses. */
const statusSchema = z.looseObject({
  kind: z.literal("Status"),
  message: z.optional(z.string()),
  reason: z.optional(z.string()),
  details: z.optional(
    z.looseObject({
      retryAfterSeconds: z.optional(z.number()),
      causes: z.optional(z.nullable(z.array(z.looseObject({ field: z.optional(z.string()) })))),
    }),
  ),
});

/** Statuses after which the same request may succeed; 500 is there because API servers answer it for passing faults. */
const RETRYABLE: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const LONGEST_MESSAGE = 1000;
/** What is in between may repeat the headers of a request that it refuses. */
const CREDENTIALS = /\b(bearer|basic) +[\w.~+/=-]{16,}/gi;

/** @param retryAfter the header: seconds, or a date */
export function errorOf(request: KubeRequest, status: number, body: unknown, retryAfter: string | undefined): KubeError {
  const { data } = z.safeParse(statusSchema, body);
  const said = mayRepeatSecrets(request) ? data?.reason : data?.message;
  const words = (said || `HTTP ${status}`).replaceAll(CREDENTIALS, "$1 …").slice(0, LONGEST_MESSAGE);
  return new KubeError(`${request.method} ${request.path}: ${words}`, {
    code: data?.reason || `Http${status}`,
    status,
    retryable: RETRYABLE.has(status),
    retryAfter: milliseconds(retryAfter) ?? milliseconds(data?.details?.retryAfterSeconds),
    right: status === 403 ? rightOf(request) : undefined,
    fields: [...new Set((data?.details?.causes ?? []).flatMap(({ field }) => field ?? []))].sort(),
  });
}

/** The server, or a webhook that it asks, may repeat in its refusal what was to be written. */
function mayRepeatSecrets({ method, path }: KubeRequest): boolean {
  return method !== "GET" && /\/(?:configmaps|secrets)(?:\/|$)/.test(path);
}

function milliseconds(wait: string | number | undefined): number | undefined {
  if (wait === undefined) return undefined;
  const seconds = Number(wait);
  const asked = Number.isNaN(seconds) ? Date.parse(String(wait)) - Date.now() : seconds * 1000;
  return Number.isFinite(asked) ? Math.max(0, asked) : undefined;
}
