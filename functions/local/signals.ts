import { endAtNextSignal } from "./first-signal.ts";
import type { Logger } from "./log.ts";

/** Something that has been started. */
export interface Started {
  readonly log: Logger;
  stop(): Promise<void>;
  /** Milliseconds after which a stop is cut short. */
  readonly patience: number;
}

/** A start that takes longer than this to come to its end, after a signal, is cut short: it waits for somebody. */
const START_PATIENCE_MS = 2_800;

/**
 * Starts something, waits for SIGINT or SIGTERM, then stops it; the process ends with 0. A signal that comes while it
 * starts stops it when it has. A second signal ends the process at once. What goes wrong anywhere is logged: serving the last good
 * state is worth more than ending (DESIGN.md 2, fail static).
 * @param signalled resolves with the signal
 * @param start is given what tells whether to stop before it has begun; undefined: it has not
 */
export async function untilStopped(
  signalled: Promise<NodeJS.Signals>,
  start: (isStopped: () => Promise<boolean>) => Promise<Started | undefined>,
): Promise<void> {
  const { promise: started, resolve: hasStarted } = Promise.withResolvers<void>();
  void hurry(signalled, started);
  const running = await start(async () => (await Promise.race([signalled, undefined])) !== undefined);
  hasStarted();
  if (!running) return process.exit(0);
  const { log, stop, patience } = running;
  const survive = (error: unknown): void => void log.error({ err: error }, "something unforeseen went wrong; what was served is still served");
  process.on("uncaughtException", survive);
  process.on("unhandledRejection", survive);
  log.info(`${await signalled}: stopping`);
  setTimeout(() => {
    log.warn("stopping took too long and was cut short");
    process.exit(0);
  }, patience);
  await stop();
  log.info("stopped");
  process.exit(0);
}

async function hurry(signalled: Promise<NodeJS.Signals>, started: Promise<void>): Promise<void> {
  await signalled;
  endAtNextSignal();
  const cut = setTimeout(() => process.exit(0), START_PATIENCE_MS);
  await started;
  clearTimeout(cut);
}
