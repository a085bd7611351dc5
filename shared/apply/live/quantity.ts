/** Powers of 10, and of 2, by suffix. */
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const QUANTITY = /^([+-]?)(?:(\d+)\.?(\d*)|\.(\d+))(?:[eE]([+-]?\d{1,2})|([A-Za-z]*))$/;

/**
 * Whether two resource quantities mean the same: the API server rewrites `0.5` as `500m` (spec/resources.md 3.4). Texts
 * that are no quantities are the same only letter by letter.
 */
export function sameQuantity(a: string | number, b: string | number): boolean {
  if (String(a) === String(b)) return true;
  const first = nanos(String(a));
  return first !== undefined && first === nanos(String(b));
}

/** In billionths, the finest amount; what is finer is rounded up, away from zero. */
function nanos(text: string): bigint | undefined {
  const [, sign, whole = "", fraction = "", bare = "", exponent, suffix = ""] = QUANTITY.exec(text) ?? [];
  const decimals = `${fraction}${bare}`;
  const tens = exponent === undefined ? (Object.hasOwn(DECIMAL, suffix) ? DECIMAL[suffix] : undefined) : Number(exponent);
  const twos = Object.hasOwn(BINARY, suffix) ? BINARY[suffix] : undefined;
  if (sign === undefined || (tens === undefined && twos === undefined)) return undefined;
  const power = 9 + (tens ?? 0) - decimals.length;
  const amount = BigInt(`${whole}${decimals}`) * 2n ** BigInt(twos ?? 0) * 10n ** BigInt(Math.max(0, power));
  const divisor = 10n ** BigInt(Math.max(0, -power));
  const rounded = (amount + divisor - 1n) / divisor;
  return sign === "-" ? -rounded : rounded;
}
