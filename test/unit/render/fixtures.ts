import { readFileSync } from "node:fs";

/**
 * PEM files in `fixtures/`, made once with openssl. Pairs: `rsa`, `ec` and `chain` (leaf, then its issuer) are valid from 2020 to
 * 2120, `expired` ended on 2021-01-01, `future` starts on 2100-01-01. Keys only: `other` belongs to none of them, `encrypted` is
 * that of `ec` under a password, `rsa-pkcs1`, `ec-sec1` and `ec-params` are the same keys in older notations.
 */
export function pem(file: string): string {
  return readFileSync(new URL(`fixtures/${file}`, import.meta.url), "utf8");
}

/** A moment at which `rsa`, `ec` and `chain` are valid: 2026-01-01. */
export const NOW = Date.UTC(2026, 0, 1);
