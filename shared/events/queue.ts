import { backoff } from "./backoff.ts";
import { type Change, isEarly } from "./change.ts";
import { createChanges } from "./changes.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";

/** What a pass leaves to be done. */
export interface PassResult {
  /** Whether the same again may do what this one could not: after a backoff. Else the next event or resync comes first. */
  readonly again: boolean;
  /** Whether it could not for the sole reason that somebody else wrote: then the backoff is a short one. */
  readonly soon?: boolean;
  /** Milliseconds for which somebody asked not to be asked again: no pass starts before. */
  readonly after?: number;
}

/** What asked for a pass. */
export interface PassCause {
  readonly why: "event" | "again" | "look-again" | "resync";
  /** Without repetitions; those that were asked for without a change, and more than can be kept, are not in it. */
  readonly changes: readonly Change[];
}

/** When to look again. All times are milliseconds. */
export interface QueueOptions {
  /** One pass. Never rejects. */
  readonly pass: (cause: PassCause) => Promise<PassResult>;
  /** Whether a change matters, by what the last pass found; asked while no pass runs, so that it is the last one. */
  readonly matters?: (change: Change) => boolean;
  /** Waits, for a bounded time, until the changes can be seen. Never rejects. */
  readonly settle?: (changes: readonly Change[], signal: AbortSignal) => Promise<void>;
  /** Least time between the starts of two passes. */
  readonly throttle: number;
  /** Most time between two passes. */
  readonly resync: number;
  /** Wait after a first failure, on average; doubles with each further one, up to `resync`. */
  readonly retry: number;
  /** How long after a pass to look once more, where an event may have come before what it tells of. */
  readonly lookAgain?: number;
  /** How long it must have been quiet before a pass, so that a file being written is not read half. */
  readonly quiet?: number;
  /** How long requests may put off a pass for want of quiet. */
  readonly patience?: number;
  readonly onRequest?: (result: "passed" | "throttled") => void;
  readonly clock?: Clock;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** Events of one cluster, coalesced into passes, one at a time. */
export interface Queue {
  /** An event. Asks for a pass if it matters; while one runs, that is decided when it has ended. */
  offer(change: Change): void;
  /** Asks for a pass whatever has changed. */
  request(): void;
  /** Ends when the running pass, if any, has ended. No other begins. */
  close(): Promise<void>;
}

/** So long after an event that came before its change, most API servers have stored it. */
const LOOK_AGAIN = 2000;
/** Wait after a first pass that met somebody else, on average and in milliseconds, and at the most. */
const SOON = { first: 50, longest: 10_000 };

/**
 * The first event after quiet starts a pass at once; what comes while it runs, or within the throttle, is folded into
 * one that follows. A pass that could not do everything is tried again; and one is due every `resync` (DESIGN.md 2).
 */
export function createQueue(options: QueueOptions): Queue {
  const { pass, matters = () => true, settle, throttle, resync, retry, lookAgain = LOOK_AGAIN, quiet = 0, patience = 0 } = options;
  const { onRequest, clock = SYSTEM_CLOCK, random = Math.random } = options;
  const stop = new AbortController();
  /** What the next pass is for, and what came while one ran and is not judged yet. */
  const pending = createChanges();
  const unjudged = createChanges();
  let isBusy = false;
  let running: Promise<void> | undefined;
  let cancel: (() => void) | undefined;
  /** When the requests began that no pass has answered, and when it will have been quiet. */
  let asked: { readonly at: number; quietAt: number } | undefined;
  let lastStart = -Infinity;
  let failures = 0;
  /** Times before which no pass starts, and at which others are due. */
  let notBefore = -Infinity;
  let again = Infinity;
  let second = Infinity;
  let resyncAt = Infinity;

  function ask(): void {
    const now = clock.now();
    onRequest?.(asked === undefined ? "passed" : "throttled");
    asked ??= { at: now, quietAt: now };
    asked.quietAt = Math.min(now + quiet, asked.at + patience);
    schedule();
  }

  function due(): readonly [number, PassCause["why"]] {
    const times: (readonly [number, PassCause["why"]])[] = [[asked?.quietAt ?? Infinity, "event"], [again, "again"], [second, "look-again"], [resyncAt, "resync"]];
    return times.reduce((first, one) => (one[0] < first[0] ? one : first));
  }

  function schedule(): void {
    if (isBusy || stop.signal.aborted) return;
    cancel?.();
    const at = Math.max(due()[0], lastStart + throttle, notBefore);
    if (at < Infinity) cancel = clock.after(at - clock.now(), start);
  }

  function start(): void {
    const [, why] = due();
    const { changes, overflowed } = pending.take();
    if (why === "look-again" || second <= clock.now()) second = Infinity;
    asked = undefined;
    isBusy = true;
    running = run({ why, changes }, overflowed || changes.some(isEarly));
  }

  async function run(cause: PassCause, isAwaited: boolean): Promise<void> {
    if (isAwaited) await settle?.(cause.changes, stop.signal);
    lastStart = clock.now();
    const result = stop.signal.aborted ? { again: false } : await pass(cause);
    const now = clock.now();
    failures = result.again ? failures + 1 : 0;
    again = result.again ? now + backoff(result.soon ? SOON : { first: retry, longest: resync }, failures, random()) : Infinity;
    notBefore = now + (result.after ?? 0);
    // Clusters whose passes began together drift apart.
    resyncAt = now + resync * (1 - random() / 10);
    if (isAwaited) second = Math.min(second, lastStart + lookAgain);
    isBusy = false;
    judge();
    schedule();
  }

  /** By what the pass found: what it referred to only now may have changed since it was read. */
  function judge(): void {
    const { changes, overflowed } = unjudged.take();
    const relevant = changes.filter(matters);
    for (const change of relevant) pending.add(change);
    if (overflowed || relevant.length > 0) ask();
  }

  return {
    offer(change) {
      if (stop.signal.aborted) return;
      if (isBusy) unjudged.add(change);
      else if (matters(change)) {
        pending.add(change);
        ask();
      }
    },
    request() {
      if (!stop.signal.aborted) ask();
    },
    async close() {
      stop.abort();
      cancel?.();
      await running;
    },
  };
}
