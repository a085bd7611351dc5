/**
 * Loaded into a `serve` that is measured (`--import`). At SIGUSR2 it writes a line to standard output: `Measure`, with a number
 * of its own. Nothing of the program is replaced but for a count at its edge: reads of config objects from a file store.
 */
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

export interface Measure {
  /** Bytes of the resident set, after a garbage collection. */
  readonly resident: number;
  /** Milliseconds of CPU time so far, user and system, of all threads. */
  readonly cpu: number;
  /** Config objects read from the store so far. */
  readonly reads: number;
}

const counts = { reads: 0, told: 0 };
const { readFile } = promises;

Object.assign(promises, {
  readFile(...given: Parameters<typeof readFile>) {
    if (String(given[0]).includes("/configs/")) counts.reads += 1;
    return readFile(...given);
  },
});
syncBuiltinESMExports();

process.on("SIGUSR2", () => {
  // Before the collection, which is not the program's.
  const { user, system } = process.cpuUsage();
  globalThis.gc?.();
  counts.told += 1;
  const measure: Measure = { resident: process.memoryUsage.rss(), cpu: (user + system) / 1000, reads: counts.reads };
  process.stdout.write(`${JSON.stringify({ measured: counts.told, ...measure })}\n`);
});
