import type { Report } from "../../shared/reconcile/report.ts";

/** What nobody foresaw is told in full, so that it can be reported. */
export function tellBug({ error }: Pick<Report, "error">, cause: unknown): void {
  if (error?.code !== "Bug") return;
  process.stderr.write(`this should not have happened, please report it: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`);
}
