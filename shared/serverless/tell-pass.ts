import type { Pass } from "../reconcile.ts";
import { passFields } from "../reconcile/pass-fields.ts";
import type { FunctionLog } from "./log.ts";

/** At most so many objects are named by a line of their own. */
const MOST_NAMES = 20;

/**
 * One line for each pass, which alarms are made of: `outcome`, `drift` (objects of ours that another hand changed) and so on;
 * and one for each problem of the cluster's objects, which statuses tell as well.
 */
export function tellPass(log: FunctionLog, { report, cause, isCut }: Pass & { readonly isCut: boolean }): void {
  const { cluster, outcome, changes, problems } = report;
  const failed = changes.filter(({ operation }) => operation === "failed");
  const fields = { ...passFields(report), ...(isCut ? { isCut } : {}) };
  if (outcome === "failed") log.error("pass", { ...fields, err: cause });
  else log[failed.length > 0 || outcome === "stopped" ? "warn" : "info"]("pass", report.error ? { ...fields, why: report.error.message } : fields);
  for (const { object, reason } of failed.slice(0, MOST_NAMES)) log.warn("an object could not be written", { cluster, object, reason });
  for (const change of changes) log.debug("a change", { cluster, ...change });
  for (const { severity, object, field, reason } of problems) log.debug("a problem", { cluster, severity, object, field, reason });
}
