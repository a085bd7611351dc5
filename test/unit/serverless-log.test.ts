import { describe, expect, it } from "vitest";
import { SettingsError } from "../../shared/settings/settings-error.ts";
import { createFunctionLog, type Level } from "../../shared/serverless/log.ts";
import { tellPass } from "../../shared/serverless/tell-pass.ts";
import type { Report } from "../../shared/reconcile/report.ts";

type Line = Record<string, unknown>;

function logged(least: Level, use: (log: ReturnType<typeof createFunctionLog>) => void): Line[] {
  const lines: string[] = [];
  use(createFunctionLog(least, (line) => lines.push(line)));
  expect(lines.every((line) => line.endsWith("}\n"))).toBe(true);
  return lines.map((line) => JSON.parse(line) as Line);
}

const REPORT: Report = {
  cluster: "c", startedAt: "2026-01-01T00:00:00Z", outcome: "done", generation: 7, problems: [], orphans: {}, unread: [], operations: [],
  counts: { gatewayClasses: 1, gateways: 2, routes: 3, configs: 2, held: 1, objects: 4 }, milliseconds: { load: 12.34, total: 12.6 }, changes: [],
};

describe("the log of a function", () => {
  it("has one line of JSON for each message, with the word of either cloud, from a level on", () => {
    expect(logged("info", (log) => {
      log.debug("quiet");
      log.info("hello", { cluster: "c" });
      log.warn("hm");
    })).toEqual([
      { level: "info", severity: "INFO", message: "hello", cluster: "c" },
      { level: "warn", severity: "WARNING", message: "hm" },
    ]);
  });

  it("says of an error of ours code and message, of any other where it comes from", () => {
    const [ours, bug, odd] = logged("error", (log) => {
      log.error("a", { err: new SettingsError([{ setting: "--x", value: "y", accepted: "z" }]) });
      log.error("b", { err: new TypeError("oops") });
      log.error("c", { err: "text" });
    });
    expect(ours).toEqual({ level: "error", severity: "ERROR", message: "a", error: { code: "InvalidSettings", message: expect.stringContaining("--x") } });
    expect(bug).toMatchObject({ error: { code: "Bug", message: "oops", stack: expect.stringContaining("serverless-log.test") } });
    expect(odd).toMatchObject({ error: { code: "Bug", message: "text" } });
  });
});

describe("a pass in the log", () => {
  it("is one line with what alarms count", () => {
    const changes: Report["changes"] = [
      { operation: "updated", object: "Service a/b", cause: "drift", fields: [{ field: "spec.type", manager: "kubectl" }], disrupts: ["a/b/udp", "a/b/tcp"] },
      { operation: "created", object: "Service a/c", cause: "change" },
    ];
    const calls = [{ verb: "list", resource: "services", calls: 3, failures: 0, bytes: 10, sent: 0 }];
    expect(logged("info", (log) => tellPass(log, { report: { ...REPORT, changes, calls }, isStale: false, isCut: false }))).toEqual([{
      level: "info", severity: "INFO", message: "pass", cluster: "c", outcome: "done", generation: 7, changed: 2, failed: 0, drift: 1, corrected: 1,
      disrupts: 2, problems: 0, configs: 2, held: 1, calls: 3, callsByKind: { "list services": 3 }, bytesIn: 10, bytesOut: 0, milliseconds: 13, phases: { load: 12.3 },
      changes: [
        { operation: "updated", object: "Service a/b", cause: "drift", fields: [{ field: "spec.type", manager: "kubectl" }], disrupts: 2 },
        { operation: "created", object: "Service a/c", cause: "change" },
      ],
    }]);
  });

  it("is short where nothing changed: those are the most", () => {
    const calls = [{ verb: "list", resource: "services", calls: 3, failures: 0, bytes: 10, sent: 0 }];
    expect(logged("info", (log) => tellPass(log, { report: { ...REPORT, calls }, isStale: false, isCut: false }))).toEqual([{
      level: "info", severity: "INFO", message: "pass", cluster: "c", outcome: "done", generation: 7, changed: 0, failed: 0, drift: 0,
      disrupts: 0, problems: 0, configs: 2, held: 1, calls: 3, bytesIn: 10, bytesOut: 0, milliseconds: 13,
    }]);
  });

  it("names what failed, up to twenty objects, and whether its time was over", () => {
    const changes = Array.from({ length: 25 }, (_, index) => ({ operation: "failed" as const, object: `Service a/${index}`, reason: "Conflict: it has changed" }));
    const [first, second, ...others] = logged("info", (log) => tellPass(log, { report: { ...REPORT, outcome: "incomplete", changes }, isStale: true, isCut: true }));
    expect(first).toMatchObject({ level: "warn", changed: 0, failed: 25, isCut: true });
    expect(second).toMatchObject({ message: "an object could not be written", cluster: "c", object: "Service a/0", reason: "Conflict: it has changed" });
    expect(others).toHaveLength(19);
  });

  it("says why nothing was done", () => {
    const error = { code: "MassDelete", message: "4 of 5 Services would go" };
    const [stopped, failed] = logged("info", (log) => {
      tellPass(log, { report: { ...REPORT, outcome: "stopped", error }, isStale: false, isCut: false });
      tellPass(log, { report: { ...REPORT, outcome: "failed", error: { code: "Bug", message: "x" } }, cause: new TypeError("x"), isStale: false, isCut: false });
    });
    expect(stopped).toMatchObject({ level: "warn", outcome: "stopped", why: "4 of 5 Services would go" });
    expect(failed).toMatchObject({ level: "error", outcome: "failed", error: { code: "Bug", message: "x" } });
  });

  it("has every change and problem in detail where that is asked for", () => {
    const problems: Report["problems"] = [{ severity: "error", object: "Gateway a/b", field: "spec", reason: "Invalid", message: "no" }];
    const [, change, problem] = logged("debug", (log) => tellPass(log, { report: { ...REPORT, changes: [{ operation: "deleted", object: "Service a/b" }], problems }, isStale: false, isCut: false }));
    expect(change).toMatchObject({ level: "debug", operation: "deleted", object: "Service a/b" });
    expect(problem).toMatchObject({ level: "debug", object: "Gateway a/b", field: "spec", reason: "Invalid" });
  });
});
