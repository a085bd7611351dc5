import * as fc from "fast-check";
import { expect } from "vitest";

/** As `holds` of test/support/property.ts, for predicates that take time; at least 1,000 cases. */
export async function holdsInTime<T extends [unknown, ...unknown[]]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  predicate: (...values: T) => Promise<void>,
): Promise<void> {
  const numRuns = Number(process.env["PROPERTY_RUNS"] ?? (process.env["CI"] ? 10_000 : 1_000));
  const seed = Number(process.env["PROPERTY_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  process.stdout.write(`${expect.getState().currentTestName ?? ""}: seed ${seed}, ${numRuns} cases\n`);
  await fc.assert(fc.asyncProperty(...arbitraries, predicate), { seed, numRuns });
}
