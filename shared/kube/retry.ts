import { setTimeout as sleep } from "node:timers/promises";
import type { KubeAnswer, KubeClient, KubeRequest } from "./client.ts";
import { KubeError } from "./errors.ts";

/** Times are milliseconds. */
export interface RetryPolicy {
  /** Tries in all. */
  readonly attempts: number;
  /** Before the second try; doubled for each further one. */
  readonly firstDelay: number;
  /** Who is asked to wait longer gives up. */
  readonly longestDelay: number;
  /** After so long in all no further try begins. */
  readonly budget: number;
}

export const DEFAULT_RETRIES: RetryPolicy = { attempts: 5, firstDelay: 100, longestDelay: 10_000, budget: 60_000 };

/** What retries need of the world. */
export interface RetryClock {
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Rejects when `signal` aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

const SYSTEM: RetryClock = {
  now: () => performance.now(),
  random: Math.random,
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal ? { signal } : {}),
};

/**
 * Tries again what may succeed later, after a pause that doubles and varies by half, or that the server asks for. Every
 * request of ours may be repeated: reads, server-side applies, and writes that carry a resourceVersion or a UID; of a
 * creation the repetition is refused.
 */
export function withRetries(client: KubeClient, policy: RetryPolicy = DEFAULT_RETRIES, clock: RetryClock = SYSTEM): KubeClient {
  return { ...client, request: (request) => attempt(client, policy, clock, request) };
}

async function attempt(client: KubeClient, policy: RetryPolicy, clock: RetryClock, request: KubeRequest): Promise<KubeAnswer> {
  const began = clock.now();
  for (let number = 1; ; number++) {
    try {
      return await client.request(request);
    } catch (error) {
      if (!(error instanceof KubeError) || !error.retryable || number >= policy.attempts) throw error;
      const pause = pauseAfter(error, number, policy, clock);
      if (pause > policy.longestDelay || clock.now() - began + pause > policy.budget || request.signal?.aborted) throw error;
      await clock.sleep(pause, request.signal).catch(() => {
        throw error;
      });
    }
  }
}

/** What the server asks for is the least; many who are told the same do not come back at once. */
function pauseAfter({ retryAfter }: KubeError, number: number, { firstDelay, longestDelay }: RetryPolicy, { random }: RetryClock): number {
  const backoff = Math.min(firstDelay * 2 ** (number - 1) * (0.5 + random()), longestDelay);
  if (retryAfter === undefined) return backoff;
  return retryAfter > longestDelay ? retryAfter : Math.min(retryAfter + firstDelay * random(), longestDelay);
}
