import * as fc from "fast-check";
import { expect } from "vitest";

const LOCAL_RUNS = 500;
const CI_RUNS = 10_000;
const numRuns = Number(process.env["PROPERTY_RUNS"] ?? (process.env["CI"] ? CI_RUNS : LOCAL_RUNS));

/** Time that a property may take, in milliseconds. */
export const PROPERTY_TIMEOUT = 60_000 + numRuns * 60;

/**
 * Tries a predicate on many random values. The seed is printed; PROPERTY_SEED repeats a run, PROPERTY_RUNS sets the
 * number of cases (10,000 where CI is set, 500 elsewhere).
 */
export function holds<T extends [unknown, ...unknown[]]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  predicate: (...values: T) => void,
): void {
  const seed = Number(process.env["PROPERTY_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  process.stdout.write(`${expect.getState().currentTestName ?? ""}: seed ${seed}, ${numRuns} cases\n`);
  fc.assert(fc.property(...arbitraries, predicate), { seed, numRuns });
}
