import type { CallCount } from "../kube/accounting.ts";
import type { Change, Report } from "./report.ts";

/** So many changes are named in one line, with so many fields each; of the others it has the number. */
const MOST_CHANGES = 20;
const MOST_FIELDS = 5;
/** Characters of a text that others have written. */
const MOST_TEXT = 200;

/**
 * What the log line of a pass says (issue 4.4), in any number of changes a few kilobytes. What passes that change nothing
 * have is short: they are the most. Terraform's metric filters read `outcome`, `cluster`, `drift` and `held`.
 */
export function passFields(report: Report): Readonly<Record<string, unknown>> {
  const { cluster, outcome, changes, problems, counts, generation, milliseconds, calls = [] } = report;
  const failed = changes.filter(isFailed).length;
  const drifts = changes.filter(isDrift);
  const sum = (count: (one: CallCount) => number): number => calls.reduce((total, one) => total + count(one), 0);
  return {
    cluster, outcome, generation,
    changed: changes.length - failed,
    failed,
    drift: drifts.length,
    disrupts: changes.reduce((total, { disrupts = [] }) => total + disrupts.length, 0),
    problems: problems.length,
    configs: counts.configs,
    held: counts.held,
    calls: sum((one) => one.calls),
    bytesIn: sum((one) => one.bytes),
    bytesOut: sum((one) => one.sent),
    milliseconds: Math.round(milliseconds.total ?? 0),
    ...(changes.length > 0 || outcome !== "done" ? details(report, drifts) : {}),
  };
}

function details({ changes, calls, milliseconds: { total: _total, ...phases } }: Report, drifts: readonly Change[]): Readonly<Record<string, unknown>> {
  // What nobody wants to miss comes first.
  const sorted = changes.toSorted((a, b) => rank(a) - rank(b));
  const more = changes.length - MOST_CHANGES;
  return {
    ...(drifts.length > 0 && { corrected: drifts.filter(({ operation }) => operation !== "drifted").length }),
    changes: sorted.slice(0, MOST_CHANGES).map(named),
    ...(more > 0 && { moreChanges: more }),
    ...(calls && { callsByKind: byKind(calls, (one) => one.calls) }),
    ...(calls?.some(({ failures }) => failures > 0) && { callsFailed: byKind(calls, (one) => one.failures) }),
    phases: Object.fromEntries(Object.entries(phases).map(([phase, took]) => [phase, Math.round(took * 10) / 10])),
  };
}

function named({ operation, object, cause, fields = [], reason, disrupts = [] }: Change): Readonly<Record<string, unknown>> {
  const more = fields.length - MOST_FIELDS;
  return {
    operation,
    object: cut(object),
    ...(cause && { cause }),
    ...(fields.length > 0 && { fields: fields.slice(0, MOST_FIELDS).map(({ field, manager }) => ({ field: cut(field), ...(manager !== undefined && { manager: cut(manager) }) })) }),
    ...(more > 0 && { moreFields: more }),
    ...(reason !== undefined && { reason: cut(reason) }),
    ...(disrupts.length > 0 && { disrupts: disrupts.length }),
  };
}

/** `{ "list services": 2 }`, without those that are none. */
function byKind(calls: readonly CallCount[], count: (one: CallCount) => number): Readonly<Record<string, number>> {
  return Object.fromEntries(calls.map((one) => [`${one.verb} ${one.resource}`, count(one)] as const).filter(([, number]) => number > 0));
}

function rank(change: Change): number {
  return isFailed(change) ? 0 : isDrift(change) ? 1 : 2;
}

function isFailed({ operation }: Change): boolean {
  return operation === "failed";
}

function isDrift({ cause }: Change): boolean {
  return cause === "drift";
}

function cut(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}
