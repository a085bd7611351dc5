export interface Poller {
  /** Works for the first time, then again and again. Resolves after the first time; once started, does nothing more. */
  start(): Promise<void>;
  /** Works now; resolves when work that began after the call is over. Calls during one piece of work share the next. */
  refresh(): Promise<void>;
  stop(): void;
}

export interface PollTimes {
  /** Milliseconds from the end of one piece of work to the next. */
  readonly pollMs: number;
  /** Most milliseconds between two after failures, which double the pause. */
  readonly maxBackoffMs: number;
}

/**
 * Repeats work, never twice at a time, less often while it fails.
 * @param work tells whether it succeeded; never rejects
 */
export function createPoller(work: () => Promise<boolean>, { pollMs, maxBackoffMs }: PollTimes): Poller {
  let started: Promise<void> | undefined;
  let stopped = false;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;

  async function run(): Promise<void> {
    clearTimeout(timer);
    const succeeded = await work();
    failures = succeeded ? 0 : failures + 1;
    running = undefined;
    if (started === undefined || stopped) return;
    const pause = Math.max(pollMs, Math.min(maxBackoffMs, pollMs * 2 ** Math.min(failures, 30)));
    timer = setTimeout(() => void refresh(), pause);
  }

  async function runAfter(before: Promise<void>): Promise<void> {
    await before;
    queued = undefined;
    await refresh();
  }

  function refresh(): Promise<void> {
    if (stopped) return Promise.resolve();
    if (running !== undefined) return (queued ??= runAfter(running));
    return (running = run());
  }

  return {
    start: () => (started ??= refresh()),
    refresh,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
