/** A small generator of random numbers from 0 to 1 that a seed repeats (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Some of many points, in their order; all where the environment variable `name` is unset. Prints how many, and the seed
 * with which `<name>_SEED` repeats the choice.
 */
export function sampled<T>(what: string, name: string, points: readonly T[]): readonly T[] {
  const size = Number(process.env[name] || points.length);
  const seed = Number(process.env[`${name}_SEED`] ?? Math.floor(Math.random() * 2 ** 31));
  const random = randomFrom(seed);
  const drawn = points.map((_, index) => [random(), index] as const).sort(([a], [b]) => a - b);
  const chosen = drawn.slice(0, size).map(([, index]) => index).sort((a, b) => a - b);
  process.stdout.write(`${what}: ${chosen.length} of ${points.length} points${chosen.length < points.length ? `, ${name}_SEED=${seed}` : ""}\n`);
  return chosen.flatMap((index) => points[index] ?? []);
}
