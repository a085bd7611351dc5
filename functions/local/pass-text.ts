import type { FieldDifference } from "../../shared/apply/cluster.ts";
import type { Change, Report } from "../../shared/reconcile/report.ts";
import type { Problem } from "../../shared/render/result.ts";
import { printable } from "./grid.ts";
import { isSecret } from "./secrecy.ts";
import { trafficText } from "./traffic-text.ts";

/** What a pass did, for people: changes with the drift that was found, problems, and how it ended. No secrets. */
export function passText({ report, unread, isDryRun }: { readonly report: Report; readonly unread: readonly string[]; readonly isDryRun: boolean }): string {
  const { changes, problems, counts, milliseconds } = report;
  const traffic = trafficText(report.calls);
  const took = Math.round(milliseconds.total ?? 0);
  return lines([
    ...changes.map(changeLine),
    ...problems.map(problemLine),
    ...(report.error ? [`${report.outcome}: ${report.error.code}: ${report.error.message}`] : []),
    ...(unread.length > 0 ? [`could not be read: ${unread.join(", ")}`] : []),
    `${report.outcome}: ${changesCounted(changes)}; ${counts.configs} configurations served, ${counts.held} held; ${problems.length} problems; ${traffic && `${traffic}; `}${took} ms`,
    ...(isDryRun ? ["this was a dry run: nothing was kept"] : []),
  ]);
}

/** `Service media/one: updated, drift: spec.type (by kubectl-edit)`. */
export function changeLine({ operation, object, cause, fields = [], reason, disrupts = [] }: Change): string {
  const written = fieldsText(fields);
  const why = cause === undefined || cause === "change" ? "" : `, ${cause}`;
  const what = written && `: ${written}`;
  const ends = disrupts.length > 0 ? `; ends the calls of ${disrupts.join(", ")}` : "";
  return `${object}: ${operation}${why}${what}${reason === undefined ? "" : `: ${reason}`}${ends}`;
}

/** `spec.type (by kubectl-edit), spec.ports`. @param most that are named */
export function fieldsText(fields: NonNullable<Change["fields"]>, most = Infinity): string {
  const named = fields.slice(0, most).map(({ field, manager }) => (manager === undefined ? field : `${field} (by ${manager})`)).join(", ");
  return fields.length > most ? `${named} and ${fields.length - most} more` : named;
}

export function problemLine({ severity, object, field, reason, message }: Problem): string {
  return `${severity}: ${object}${field && ` ${field}`}: ${reason}: ${message}`;
}

/** `spec.type: "NodePort" → "LoadBalancer" (by kubectl-edit)`; of secrets only that they differ. */
export function fieldLine({ field, live, wanted, manager }: FieldDifference): string {
  const values = isSecret(field) ? "(changed, not shown)" : `${valueText(live)} → ${valueText(wanted)}`;
  return `${field}: ${values}${manager === undefined ? "" : ` (by ${manager})`}`;
}

function valueText(value: unknown): string {
  return value === undefined ? "absent" : JSON.stringify(value);
}

function changesCounted(changes: readonly Change[]): string {
  const counts = new Map<string, number>();
  for (const { operation } of changes) counts.set(operation, (counts.get(operation) ?? 0) + 1);
  return [...counts].map(([operation, count]) => `${count} ${operation}`).join(", ") || "nothing changed";
}

/** Nothing of what is told moves the cursor or colours a terminal. */
export function lines(all: readonly string[]): string {
  return `${all.map(printable).join("\n")}\n`;
}
