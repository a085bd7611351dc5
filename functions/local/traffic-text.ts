import type { CallCount } from "../../shared/kube/accounting.ts";

/** `21 requests, 1.2 MB in, 3 kB out`; empty where there is no API server. */
export function trafficText(calls: readonly CallCount[] | undefined): string {
  if (!calls) return "";
  const sum = (count: (one: CallCount) => number): number => calls.reduce((total, one) => total + count(one), 0);
  const sent = sum((one) => one.sent);
  const failures = sum((one) => one.failures);
  const number = sum((one) => one.calls);
  const requests = `${number} ${number === 1 ? "request" : "requests"}${failures > 0 ? ` (${failures} failed)` : ""}`;
  return `${requests}, ${bytesText(sum((one) => one.bytes))} in${sent > 0 ? `, ${bytesText(sent)} out` : ""}`;
}

/** `list services 2, apply deployments 1 (1 failed)`. */
export function callsText(calls: readonly CallCount[]): string {
  return calls.map((one) => `${one.verb} ${one.resource} ${one.calls}${one.failures > 0 ? ` (${one.failures} failed)` : ""}`).join(", ");
}

function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  // What would round to 1000 kB is 1 MB.
  return bytes < 999_500 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
