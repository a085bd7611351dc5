import type { Problem } from "../../shared/render/result.ts";
import type { Pass } from "../../shared/reconcile.ts";
import type { Change, Report } from "../../shared/reconcile/report.ts";
import type { Logger } from "./log.ts";
import { callsText, trafficText } from "./traffic-text.ts";

/** Tells people of passes: what changed, each problem once when it appears and once when it is gone. */
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

function tellFailure(log: Logger, { outcome }: Report, error: string): void {
  if (error) log.error(`pass ${outcome}, nothing is changed: ${error}`);
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

function tellChanges(log: Logger, { changes, milliseconds, counts, outcome, calls }: Report): void {
  for (const { operation, object, reason, disrupts } of changes) {
    if (operation === "failed") log.error(`${object}: ${reason}`);
    else if (disrupts) log.warn({ disrupts }, `${object} ${operation}: calls end on ${disrupts.join(", ")}`);
    else log.debug(`${object} ${operation}`);
  }
  if (changes.length === 0 && outcome === "done") return;
  const took = Math.round(milliseconds.total ?? 0);
  const traffic = trafficText(calls);
  log.info(`${summary(changes)}; ${counts.configs} configurations served, ${counts.held} held; ${traffic && `${traffic}; `}${took} ms`);
}

function summary(changes: readonly Change[]): string {
  const counts = new Map<string, number>();
  for (const { operation, object } of changes) {
    const what = object.startsWith("config ") ? "configurations" : object.startsWith("status ") ? "statuses" : "objects";
    counts.set(`${what} ${operation}`, (counts.get(`${what} ${operation}`) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => `${count} ${what}`).join(", ") || "nothing changed";
}
