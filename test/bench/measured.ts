/**
 * Loaded into a `serve` that is measured (`--import`). At SIGUSR2 it writes a line to standard output: `Measure`, with a number
 * of its own. Nothing of the program is replaced but for a count at its edge: reads of config objects from a file store.
 */
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

export interface Measure {
  /** Bytes of the resident set, after a garbage collection. */
  readonly resident: number;
  /** Milliseconds of CPU time so far, user and system, of all threads, without those collections. */
  readonly cpu: number;
  /** Config objects read from the store so far. */
  readonly reads: number;
}

const counts = { reads: 0, told: 0, collecting: 0 };
const { readFile } = promises;

Object.assign(promises, {
  readFile(...given: Parameters<typeof readFile>) {
    if (String(given[0]).includes("/configs/")) counts.reads += 1;
    return readFile(...given);
  },
});
syncBuiltinESMExports();

process.on("SIGUSR2", () => {
  const cpu = cpuTime();
  globalThis.gc?.();
  const measure: Measure = { resident: process.memoryUsage.rss(), cpu: cpu - counts.collecting, reads: counts.reads };
  counts.collecting += cpuTime() - cpu;
  counts.told += 1;
  process.stdout.write(`${JSON.stringify({ measured: counts.told, ...measure })}\n`);
});

function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
