import { PreconditionFailed } from "./errors.ts";

export interface RenewalOptions {
  /** Of the record as it was written first. */
  readonly etag: string;
  /** Milliseconds between two renewals. */
  readonly every: number;
  /** Replaces the record of that tag; resolves to the tag of the new one. */
  readonly renew: (etag: string) => Promise<string>;
}

export interface Renewal {
  /** Whether somebody else has taken over. */
  isOver(): boolean;
  /** No more renewals; the tag of the last record. */
  stop(): Promise<string>;
}

/** A pass that still runs after so long is given up. */
const LONGEST_MS = 10 * 60 * 1000;

/**
 * Renews again and again. A renewal that fails is tried again at the next turn, as long as the lease lasts. A process that
 * is stopped renews nothing, and when it goes on its lease has ended.
 */
export function keepRenewing({ etag, every, renew }: RenewalOptions): Renewal {
  let last = etag;
  let isOver = false;
  let left = LONGEST_MS / every;
  let running: Promise<void> = Promise.resolve();

  async function turn(): Promise<void> {
    if (isOver) return;
    try {
      last = await renew(last);
    } catch (error) {
      isOver = error instanceof PreconditionFailed;
    }
  }

  const timer = setInterval(() => {
    if (isOver || (left -= 1) < 0) clearInterval(timer);
    else running = running.then(turn);
  }, every).unref();
  return {
    isOver: () => isOver,
    async stop() {
      clearInterval(timer);
      await running;
      return last;
    },
  };
}
