import type { Logger } from "./log.ts";

/** An orderly stop that takes longer is cut short. */
const PATIENCE_MS = 2_800;

/**
 * Waits for SIGINT or SIGTERM, then stops; the process ends with 0. A second signal ends it at once. What goes wrong
 * anywhere is logged: serving the last good state is worth more than ending (DESIGN.md 2, fail static).
 */
export async function untilStopped(stop: () => Promise<void>, log: Logger): Promise<void> {
  const survive = (error: unknown): void => log.error({ err: error }, "something unforeseen went wrong; what was served is still served");
  process.on("uncaughtException", survive);
  process.on("unhandledRejection", survive);
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, resolve);
  });
  log.info(`${signal}: stopping`);
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => process.exit(1));
  const late = setTimeout(() => {
    log.warn("stopping took too long and was cut short");
    process.exit(0);
  }, PATIENCE_MS);
  await stop();
  clearTimeout(late);
  log.info("stopped");
  process.exit(0);
}
