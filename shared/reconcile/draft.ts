import type { Phase, Report } from "./report.ts";

/** A report in the making: what is known when a pass ends, however it ends, is in it. */
export interface Draft {
  /** Adds what has become known. */
  know(part: Partial<Report>): void;
  /** Adds problems to those that are known. */
  add(problems: Report["problems"]): void;
  /** Ends a phase: it lasted from the end of the one before. */
  lap(phase: Phase): void;
  report(): Report;
}

/** @param startedAt milliseconds since the epoch */
export function createDraft(cluster: string, startedAt: number): Draft {
  const begin = performance.now();
  let last = begin;
  const milliseconds: Partial<Record<Phase, number>> = {};
  let report: Report = {
    cluster,
    startedAt: new Date(startedAt).toISOString(),
    outcome: "failed",
    generation: 0,
    changes: [],
    problems: [],
    counts: { gatewayClasses: 0, gateways: 0, routes: 0, configs: 0, held: 0, objects: 0 },
    operations: [],
    milliseconds,
    orphans: {},
    unread: [],
  };
  return {
    know(part) {
      report = { ...report, ...part };
    },
    add(problems) {
      report = { ...report, problems: [...report.problems, ...problems] };
    },
    lap(phase) {
      const now = performance.now();
      milliseconds[phase] = rounded(now - last);
      last = now;
    },
    report: () => ({ ...report, milliseconds: { ...milliseconds, total: rounded(performance.now() - begin) } }),
  };
}

/** To the microsecond. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
