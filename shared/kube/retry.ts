import { setTimeout as sleep } from "node:timers/promises";
import type { KubeAnswer, KubeClient, KubeRequest } from "./client.ts";
import { KubeError } from "./errors.ts";

export interface RetryPolicy {
  /** Tries in all. */
  readonly attempts: number;
  /** Milliseconds before the second try; doubled for each further one. */
  readonly firstDelay: number;
  /** Milliseconds at the most, also where the server asks for more. */
  readonly longestDelay: number;
}

export const DEFAULT_RETRIES: RetryPolicy = { attempts: 5, firstDelay: 100, longestDelay: 10_000 };

/**
 * Tries again what may succeed later, after a pause that doubles and varies by half, or that the server asks for. Every
 * request of ours may be repeated: reads, server-side applies, and writes that carry a resourceVersion or a UID.
 */
export function withRetries(client: KubeClient, policy: RetryPolicy = DEFAULT_RETRIES): KubeClient {
  return { ...client, request: (request) => attempt(client, policy, request) };
}

async function attempt(client: KubeClient, policy: RetryPolicy, request: KubeRequest): Promise<KubeAnswer> {
  for (let number = 1; ; number++) {
    try {
      return await client.request(request);
    } catch (error) {
      const mayRepeat = error instanceof KubeError && error.retryable && number < policy.attempts && !request.signal?.aborted;
      if (!mayRepeat) throw error;
      const backoff = policy.firstDelay * 2 ** (number - 1) * (0.5 + Math.random());
      await sleep(Math.min(error.retryAfter ?? backoff, policy.longestDelay), undefined, request.signal ? { signal: request.signal } : {});
    }
  }
}
