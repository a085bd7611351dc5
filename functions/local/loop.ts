/** When to look again. All times are milliseconds. */
export interface LoopOptions {
  /** One pass. Resolves to whether everything was done; a pass that was not is tried again. Never rejects. */
  readonly pass: () => Promise<boolean>;
  /** Least time between the starts of two passes. */
  readonly throttle: number;
  /** How long it must have been quiet before a pass, so that a file being written is not read half. */
  readonly quiet: number;
  /** How long requests may put off a pass for want of quiet. */
  readonly patience: number;
  /** Most time between two passes. */
  readonly resync: number;
  /** Wait after a first failure; doubles with each further one, up to `resync`. */
  readonly retry: number;
  readonly onRequest?: (result: "passed" | "throttled") => void;
}

export interface Loop {
  /** Asks for a pass, soon. Requests before it starts are one. */
  request(): void;
  /** Ends when the running pass, if any, has ended. No other begins. */
  close(): Promise<void>;
}

/** Runs passes, one at a time: on request, throttled; after a failure; and at least once per `resync`. */
export function createLoop(options: LoopOptions): Loop {
  const { pass, throttle, quiet, patience, resync, retry, onRequest } = options;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let closed = false;
  /** When the requests began that no pass has answered yet. */
  let askedAt: number | undefined;
  let lastStart = -Infinity;
  let failures = 0;

  function schedule(delay: number): void {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(start, Math.max(0, delay));
  }

  function scheduleRequested(asked: number): void {
    const now = performance.now();
    const settled = Math.min(now + quiet, asked + patience);
    schedule(Math.max(settled, lastStart + throttle) - now);
  }

  function start(): void {
    if (running || closed) return;
    askedAt = undefined;
    lastStart = performance.now();
    running = run();
  }

  async function run(): Promise<void> {
    const done = await pass();
    running = undefined;
    failures = done ? 0 : failures + 1;
    if (askedAt !== undefined) scheduleRequested(askedAt);
    else schedule(done ? resync : Math.min(resync, Math.max(throttle, retry * 2 ** (failures - 1))));
  }

  return {
    request() {
      if (closed) return;
      onRequest?.(askedAt === undefined ? "passed" : "throttled");
      askedAt ??= performance.now();
      if (!running) scheduleRequested(askedAt);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
