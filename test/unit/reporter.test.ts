import { execFileSync } from "node:child_process";
import { Writable } from "node:stream";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createReporter } from "../../functions/local/reporter.ts";
import type { Change, Report } from "../../shared/reconcile/report.ts";

const REPORT: Report = {
  cluster: "c", startedAt: "2026-01-01T00:00:00Z", outcome: "done", generation: 7, problems: [], orphans: {}, unread: [], operations: [], changes: [],
  counts: { gatewayClasses: 1, gateways: 2, routes: 3, configs: 2, held: 0, objects: 4 },
  calls: [{ verb: "list", resource: "services", calls: 3, failures: 0, bytes: 2000, sent: 0 }, { verb: "apply", resource: "services", calls: 1, failures: 1, bytes: 10, sent: 1000 }],
  milliseconds: { load: 10.04, render: 0.26, publish: 2, apply: 20, total: 33.4 },
};
const DRIFT: Change = { operation: "updated", object: "Service a/b", cause: "drift", fields: [{ field: "spec.type", manager: "kubectl-edit" }] };

function sink(): { lines: string[]; stream: Writable } {
  const lines: string[] = [];
  return { lines, stream: new Writable({ write: (chunk: Buffer, _encoding, done) => (lines.push(...String(chunk).trimEnd().split("\n")), done()) }) };
}

function told(...reports: readonly Partial<Report>[]): Record<string, unknown>[] {
  const { lines, stream } = sink();
  const report = createReporter(pino({ base: null, timestamp: false, formatters: { level: (level) => ({ level }) } }, stream));
  for (const one of reports) report({ report: { ...REPORT, ...one }, isStale: false });
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("what serve tells of a pass", () => {
  it("is one line with all that the report says: changes, drift and by whom, requests, bytes, phases", () => {
    const changes: Change[] = [{ operation: "created", object: "config a/b", cause: "change" }, DRIFT];
    expect(told({ changes })).toEqual([{
      level: "info",
      msg: "1 configurations created, 1 objects updated; drift corrected: Service a/b spec.type (by kubectl-edit); 2 configurations served, 0 held; 4 requests (1 failed), 2 kB in, 1 kB out; 33 ms",
      pass: {
        cluster: "c", outcome: "done", generation: 7, changed: 2, failed: 0, drift: 1, corrected: 1, disrupts: 0, problems: 0, configs: 2, held: 0,
        changes: [{ ...DRIFT }, { operation: "created", object: "config a/b", cause: "change" }],
        calls: 4, callsByKind: { "list services": 3, "apply services": 1 }, callsFailed: { "apply services": 1 }, bytesIn: 2010, bytesOut: 1000,
        milliseconds: 33, phases: { load: 10, render: 0.3, publish: 2, apply: 20 },
      },
    }]);
  });

  it("says of drift that was left, and of an object that was gone", () => {
    const [left, gone] = told({ changes: [{ ...DRIFT, operation: "drifted" }] }, { changes: [{ operation: "created", object: "Service a/b", cause: "drift" }] });
    expect(left).toMatchObject({ msg: expect.stringContaining("1 objects drifted; drift left as it is: Service a/b spec.type (by kubectl-edit); "), pass: { drift: 1, corrected: 0 } });
    expect(gone).toMatchObject({ msg: expect.stringContaining("drift corrected: Service a/b created; "), pass: { drift: 1, corrected: 1 } });
  });

  it("is nothing where nothing changed", () => {
    expect(told({}, {})).toEqual([]);
  });

  it("says once what failed", () => {
    const error = { code: "Forbidden", message: "no" };
    const failed: Partial<Report> = { outcome: "failed", error };
    expect(told(failed, failed, {})).toEqual([
      { level: "error", msg: "pass failed, nothing is changed: Forbidden: no", pass: expect.objectContaining({ outcome: "failed", calls: 4 }) },
      { level: "info", msg: "passes succeed again" },
    ]);
  });

  it("is one line of words on a terminal", () => {
    const script = `
      const { createLog } = await import("./functions/local/log.ts");
      const { createReporter } = await import("./functions/local/reporter.ts");
      createReporter(createLog({ logLevel: "info", logFormat: "console" }))({ isStale: false, report: ${JSON.stringify({ ...REPORT, changes: [DRIFT] })} });`;
    const text = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect(text).toMatch(/^\[[\d:.]+\] INFO: 1 objects updated; drift corrected: Service a\/b spec\.type \(by kubectl-edit\); [^\n{]+\n$/);
  });

  it("stays readable and small with any number of changes", () => {
    const fields = Array.from({ length: 50 }, (_, n) => ({ field: `spec.${"x".repeat(300)}${n}`, manager: "m".repeat(300) }));
    const changes: Change[] = [
      ...Array.from({ length: 500 }, (_, n): Change => ({ operation: "created", object: `Service a/${n}`, cause: "change" })),
      ...Array.from({ length: 500 }, (_, n): Change => ({ ...DRIFT, object: `Service b/${n}`, fields })),
      { operation: "failed", object: "Service c/d", reason: "r".repeat(10_000) },
    ];
    const [failed, line = {}] = told({ outcome: "incomplete", changes });
    expect(failed).toMatchObject({ level: "error" });
    const { changes: named, ...pass } = line["pass"] as { changes: { object: string; fields: unknown }[] };
    expect(pass).toMatchObject({ changed: 1000, failed: 1, drift: 500, moreChanges: 981 });
    expect(named.map(({ object }) => object)).toEqual(["Service c/d", ...Array.from({ length: 19 }, (_, n) => `Service b/${n}`)]);
    expect(named[1]).toMatchObject({ fields: { length: 5 }, moreFields: 45 });
    expect(JSON.stringify(line).length).toBeLessThan(64_000);
    expect(line["msg"]).toMatch(/ and 47 more and 497 more; /);
  });
});
