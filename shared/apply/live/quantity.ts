const SUFFIXES: Readonly<Record<string, number>> = {
  "": 1, n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
};
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([A-Za-z]*))$/;
/** Sums of floating-point numbers are as exact as this. */
const EXACT = 1e-12;

/**
 * Whether two resource quantities mean the same: the API server rewrites `0.5` as `500m` (spec/resources.md 3.4). Texts
 * that are no quantities are the same only letter by letter.
 */
export function sameQuantity(a: string | number, b: string | number): boolean {
  if (String(a) === String(b)) return true;
  const [first, second] = [nanos(String(a)), nanos(String(b))];
  return first !== undefined && second !== undefined && Math.abs(first - second) <= Math.abs(first) * EXACT;
}

/** In billionths, the finest amount; what is finer is rounded up, away from zero. */
function nanos(text: string): number | undefined {
  const [, number, exponent = "", suffix = ""] = QUANTITY.exec(text) ?? [];
  const factor = Object.hasOwn(SUFFIXES, suffix) ? SUFFIXES[suffix] : undefined;
  if (number === undefined || factor === undefined) return undefined;
  const value = Number(`${number}${exponent}`) * factor * 1e9;
  const size = Math.abs(value);
  return Math.sign(value) * Math.ceil(size - Math.max(size * EXACT, 1e-6));
}
