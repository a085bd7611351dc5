export interface BackoffOptions {
  /** Milliseconds after the first failure; doubled for each further one. */
  readonly first: number;
  /** Milliseconds at the most. */
  readonly longest: number;
}

/**
 * How long to wait after the `failures`th failure in a row, counted from 1: doubling, and varied by half, so that many
 * who failed together do not come back together.
 * @param random from 0 to 1
 */
export function backoff({ first, longest }: BackoffOptions, failures: number, random: number): number {
  return Math.min(longest, first * 2 ** Math.min(failures - 1, 30)) * (0.5 + random / 2);
}
