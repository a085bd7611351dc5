import type { Problem } from "../../shared/render/result.ts";
import type { Pass } from "../../shared/reconcile.ts";
import type { Change, Report } from "../../shared/reconcile/report.ts";
import { passFields } from "../../shared/reconcile/pass-fields.ts";
import type { Logger } from "./log.ts";
import { changeLine, fieldsText } from "./pass-text.ts";
import { callsText, trafficText } from "./traffic-text.ts";

/** So many objects that drifted are named in the line of a pass that people read, with so many fields each. */
const MOST_DRIFT = 3;

/**
 * Tells people of passes: what changed, each problem once when it appears and once when it is gone. A pass has one line, in
 * which programs find all of it under `pass`; none where nothing changed.
 */
export function createReporter(log: Logger): (pass: Pass) => void {
  let problems: ReadonlyMap<string, Problem> = new Map();
  let failure = "";
  return ({ report, cause }) => {
    if (report.outcome === "failed" && report.error?.code === "Bug") log.error({ err: cause }, "a pass failed; what was served is still served");
    const error = report.error ? `${report.error.code}: ${report.error.message}` : "";
    if (error !== failure) tellFailure(log, report, error);
    failure = error;
    if (report.calls) log.debug({ calls: report.calls, milliseconds: report.milliseconds }, `asked the API server: ${callsText(report.calls) || "nothing"}`);
    if (report.outcome === "failed") return;
    problems = tellProblems(log, problems, report.problems);
    tellChanges(log, report);
  };
}

function tellFailure(log: Logger, report: Report, error: string): void {
  if (error) log.error({ pass: passFields(report) }, `pass ${report.outcome}, nothing is changed: ${error}`);
  else log.info("passes succeed again");
}

function tellProblems(log: Logger, before: ReadonlyMap<string, Problem>, problems: readonly Problem[]): ReadonlyMap<string, Problem> {
  const now = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  for (const [key, { severity, object, field, reason, message }] of now) {
    if (!before.has(key)) log[severity === "error" ? "error" : "warn"]({ object, field, reason }, `${object}${field ? ` ${field}` : ""}: ${message}`);
  }
  for (const [key, { object, field, reason }] of before) {
    if (!now.has(key)) log.info({ object, field, reason }, `${object}${field ? ` ${field}` : ""}: ${reason} is no more`);
  }
  return now;
}

function tellChanges(log: Logger, report: Report): void {
  const { changes, milliseconds, counts, outcome, calls } = report;
  for (const change of changes) {
    const { operation, object, reason, disrupts } = change;
    if (operation === "failed") log.error(`${object}: ${reason}`);
    else if (disrupts) log.warn({ disrupts }, `${object} ${operation}: calls end on ${disrupts.join(", ")}`);
    else log.debug(changeLine(change));
  }
  if (changes.length === 0 && outcome === "done") return;
  const took = Math.round(milliseconds.total ?? 0);
  const traffic = trafficText(calls);
  const drifts = Map.groupBy(changes.filter(({ cause }) => cause === "drift"), ({ operation }) => operation === "drifted");
  const drift = [driftText("corrected", drifts.get(false) ?? []), driftText("left as it is", drifts.get(true) ?? [])];
  const parts = [summary(changes), ...drift, `${counts.configs} configurations served, ${counts.held} held`, traffic, `${took} ms`];
  log.info({ pass: passFields(report) }, parts.filter(Boolean).join("; "));
}

/** `drift corrected: Service media/one spec.type (by kubectl-edit)`. */
function driftText(what: string, drifts: readonly Change[]): string {
  if (drifts.length === 0) return "";
  const named = drifts.slice(0, MOST_DRIFT).map(({ object, operation, fields = [] }) => `${object} ${fieldsText(fields, MOST_DRIFT) || operation}`);
  return `drift ${what}: ${named.join(", ")}${drifts.length > MOST_DRIFT ? ` and ${drifts.length - MOST_DRIFT} more` : ""}`;
}

function summary(changes: readonly Change[]): string {
  const counts = new Map<string, number>();
  for (const { operation, object } of changes) {
    const what = object.startsWith("config ") ? "configurations" : object.startsWith("status ") ? "statuses" : "objects";
    counts.set(`${what} ${operation}`, (counts.get(`${what} ${operation}`) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => `${count} ${what}`).join(", ") || "nothing changed";
}
