/** Requests that each caller may make: so many a second on average, and ten times as many at once. */
export interface RateLimit {
  /**
   * Takes a request from what a caller may still make. Returns 0, or the whole seconds to wait where nothing is left.
   * @param now milliseconds, of the same clock every time
   */
  take(caller: string, now: number): number;
}

/** Seconds' worth of requests that may come at once. */
const BURST_S = 10;
/** Callers that are remembered; the one that has been quiet longest is forgotten first, and begins with a full bucket again. */
const MOST_CALLERS = 10_000;

/** @param perSecond 0: no limit */
export function createRateLimit(perSecond: number): RateLimit {
  const full = perSecond * BURST_S;
  /** What is left, and when that was; the caller that was quiet longest first. */
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    take(caller, now) {
      if (perSecond === 0) return 0;
      const { left, at } = buckets.get(caller) ?? { left: full, at: now };
      const present = Math.min(full, left + (Math.max(0, now - at) / 1000) * perSecond);
      buckets.delete(caller);
      buckets.set(caller, { left: present < 1 ? present : present - 1, at: now });
      const [oldest] = buckets.keys();
      if (buckets.size > MOST_CALLERS && oldest !== undefined) buckets.delete(oldest);
      return present < 1 ? Math.ceil((1 - present) / perSecond) : 0;
    },
  };
}
