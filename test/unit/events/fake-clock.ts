import type { Clock } from "../../../shared/events/clock.ts";

/** A clock that goes on only when it is told to. */
export interface FakeClock extends Clock {
  /** Lets time pass: calls back what falls due on the way, in order, and lets everything that follows from it happen. */
  pass(milliseconds: number): Promise<void>;
  /** Milliseconds until the next callback; Infinity where there is none. */
  next(): number;
}

export function createFakeClock(): FakeClock {
  let now = 0;
  let count = 0;
  const timers = new Map<number, { readonly at: number; readonly run: () => void }>();
  const earliest = (until: number): [number, { at: number; run: () => void }] | undefined =>
    [...timers].filter(([, { at }]) => at <= until).sort(([a, one], [b, other]) => one.at - other.at || a - b)[0];
  return {
    now: () => now,
    after(milliseconds, run) {
      const id = (count += 1);
      timers.set(id, { at: now + Math.max(0, milliseconds), run });
      return () => void timers.delete(id);
    },
    async pass(milliseconds) {
      const until = now + milliseconds;
      await settled();
      for (let due = earliest(until); due; due = earliest(until)) {
        timers.delete(due[0]);
        now = due[1].at;
        due[1].run();
        await settled();
      }
      now = until;
    },
    next: () => Math.min(...[...timers.values()].map(({ at }) => at)) - now,
  };
}

/** Every promise that can be resolved without time or I/O is. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
