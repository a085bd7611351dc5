import { lap, slowness } from "./machine.ts";

/** The middle one of the values. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Milliseconds of each of so many runs, after one that does not count. */
export async function timed(runs: number, work: () => unknown): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
    lap();
  }
  return times.slice(1);
}

/** Exit codes of a benchmark: `slow` may be what else the machine does, `wrong` is not. */
export const FAILED = { slow: 1, wrong: 2 } as const;

/** What the machine has a part in; all other units count what the code does. */
const OF_THE_MACHINE: ReadonlySet<string> = new Set(["ms", "cores", "KiB", "times"]);

/** Whose budgets are of a machine of a certain speed. */
const OF_ITS_SPEED: ReadonlySet<string> = new Set(["ms", "cores"]);

/** Prints a figure and its budget; a figure over budget makes the program fail at its end. */
export function figure(name: string, value: number, unit: string, budget?: number): void {
  const text = `${name}: ${value.toFixed(2)} ${unit}`;
  if (budget === undefined) {
    process.stdout.write(`${text}\n`);
    return;
  }
  const factor = OF_ITS_SPEED.has(unit) ? slowness() : 1;
  const isOver = !(value <= budget * factor);
  // Told where it decides.
  const machine = value > budget && factor > 1 ? `, and the machine is ${factor.toFixed(2)} times as slow` : "";
  process.stdout.write(`${text}  ${isOver ? `OVER BUDGET, at most ${budget}${machine}` : `(at most ${budget}${machine})`}\n`);
  if (isOver) process.exitCode = Math.max(Number(process.exitCode ?? 0), OF_THE_MACHINE.has(unit) ? FAILED.slow : FAILED.wrong);
}

/** Measures once more where that was too slow, and no more than that: then the second time counts. */
export async function twiceIfSlow(measure: () => Promise<void>): Promise<void> {
  const before = process.exitCode;
  process.exitCode = 0;
  await measure();
  if (process.exitCode === FAILED.slow) {
    process.stdout.write("over budget: once more\n");
    process.exitCode = 0;
    await measure();
  }
  process.exitCode = Math.max(Number(before ?? 0), Number(process.exitCode));
}
