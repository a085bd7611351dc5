const MILLISECONDS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "µs": 1e-3,
  "μs": 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** The longest that a timer of Node can wait, about 24.8 days. */
export const LONGEST = 2 ** 31 - 1;

/**
 * Milliseconds of a duration as Go writes it: `250ms`, `1.5h`, `1h30m`, `0`. Undefined where it is none, is negative
 * or is longer than a timer can wait.
 */
export function parseDuration(text: string): number | undefined {
  if (/^\+?0+$/.test(text)) return 0;
  if (!/^\+?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Number(number) * (MILLISECONDS[unit ?? ""] ?? Number.NaN);
  }
  return total <= LONGEST ? total : undefined;
}
