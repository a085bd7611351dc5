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
  }
  return times.slice(1);
}

/**
 * Prints a figure and its budget; a figure over budget makes the program fail at its end.
 * @param fails false: it is told and no more, of times that depend on what else the machine does
 */
export function figure(name: string, value: number, unit: string, budget?: number, fails = true): void {
  const isOver = budget !== undefined && !(value <= budget);
  const verdict = budget === undefined ? "" : isOver ? `  OVER BUDGET, at most ${budget}` : `  (at most ${budget})`;
  process.stdout.write(`${name}: ${value.toFixed(2)} ${unit}${verdict}\n`);
  if (isOver && fails) process.exitCode = 1;
}
