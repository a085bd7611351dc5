const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

/** Tries again later, twice as late each time. */
export interface Retry {
  later(run: () => Promise<void>): void;
  /** Nothing is tried after this; a try under way ends first. */
  stop(): Promise<void>;
}

export function createRetry(first = FIRST_MS, longest = LONGEST_MS): Retry {
  let delay = first;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isStopped = false;
  return {
    later(run) {
      if (isStopped) return;
      timer = setTimeout(() => {
        running = run();
      }, delay);
      delay = Math.min(delay * 2, longest);
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
