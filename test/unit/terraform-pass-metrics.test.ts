import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFunctionLog } from "../../shared/serverless/log.ts";
import { tellPass } from "../../shared/serverless/tell-pass.ts";
import type { Change, Report } from "../../shared/reconcile/report.ts";
import { InProcess } from "../support/in-process.ts";
import { type LogLine, matchesLogFilter } from "../support/log-filter.ts";
import { gateway, PLATFORM } from "../support/manifests.ts";

/** The filters as they stand in Terraform, by name in lower case without dashes. */
function filtersOf(file: string, form: RegExp): Map<string, string> {
  const [, block = ""] = /pass_metrics = \{\n([\s\S]*?)\n {2}\}/.exec(readFileSync(file, "utf8")) ?? [];
  return new Map([...block.matchAll(form)].map(([, name = "", text = ""]) => [name.toLowerCase().replaceAll("-", ""), JSON.parse(text) as string]));
}

const FILTERS = {
  aws: filtersOf("terraform/modules/aws/alarms.tf", /(\w+) += \{ pattern = ("(?:[^"\\]|\\.)*")/g),
  gcp: filtersOf("terraform/modules/gcp/logs.tf", /([\w-]+) += ("(?:[^"\\]|\\.)*")/g),
};

const DRIFT: Change = { operation: "updated", object: "Service a/b", cause: "drift", fields: [{ field: "spec.type", manager: "kubectl" }] };
const FAILED: Change = { operation: "failed", object: "Service a/b", reason: "Invalid: no" };

/** What happens in a pass, and which metrics count it. */
const PASSES: readonly (readonly [string, Partial<Report>, readonly string[]])[] = [
  ["nothing to do", { changes: [] }, ["passes"]],
  ["something changed", {}, ["passes"]],
  ["something could not be written", { outcome: "incomplete", changes: [FAILED] }, ["passes"]],
  ["drift was corrected", { changes: [DRIFT] }, ["passes", "drift"]],
  ["drift was left as it is", { changes: [{ ...DRIFT, operation: "drifted" }] }, ["passes", "drift"]],
  ["configurations are held", { counts: { gatewayClasses: 1, gateways: 2, routes: 0, configs: 2, held: 1, objects: 4 } }, ["passes", "held"]],
  ["the brake stopped it", { outcome: "stopped", changes: [], error: { code: "MassDelete", message: "4 of 5 Services would go" } }, ["failedpasses"]],
  ["it failed", { outcome: "failed", changes: [], error: { code: "Bug", message: "x" } }, ["failedpasses"]],
];

function counting(cloud: "aws" | "gcp", line: LogLine): string[] {
  return [...FILTERS[cloud]].filter(([, filter]) => matchesLogFilter(cloud, filter, line)).map(([name]) => name);
}

describe("the metrics that Terraform makes of a pass's line", () => {
  let one: InProcess;
  let report: Report;
  beforeAll(async () => {
    one = await InProcess.start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw") });
    ({ report } = await one.pass());
  });
  afterAll(() => one.remove());

  /** The first line is the pass's. */
  function linesOf(part: Partial<Report>): LogLine[] {
    const lines: string[] = [];
    tellPass(createFunctionLog("debug", (line) => lines.push(line)), { report: { ...report, ...part }, cause: new Error("x"), isStale: false, isCut: false });
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  it.each(PASSES)("count: %s", (_, part, expected) => {
    expect(report.outcome).toBe("done");
    const [pass = {}, ...others] = linesOf(part);
    expect(counting("aws", pass)).toEqual(expected);
    expect(counting("gcp", pass)).toEqual(expected);
    for (const other of others) expect([...counting("aws", other), ...counting("gcp", other)]).toEqual([]);
  });

  it("find in it the numbers and names that they take from it", () => {
    const [line = {}] = linesOf({ changes: [DRIFT, DRIFT] });
    const text = readFileSync("terraform/modules/aws/alarms.tf", "utf8") + readFileSync("terraform/modules/gcp/logs.tf", "utf8");
    const values = [...text.matchAll(/value = "\$\.(\w+)"/g)].map(([, name = ""]) => name);
    expect(values.map((name) => [name, typeof line[name]])).toEqual([["drift", "number"], ["held", "number"]]);
    const labels = [...text.matchAll(/cluster = "(?:\$\.|EXTRACT\(jsonPayload\.)(\w+)/g)].map(([, name = ""]) => line[name]);
    expect(labels).toEqual(["test", "test"]);
    expect(line["drift"]).toBe(2);
  });

  it("are the same in both clouds", () => {
    expect([...FILTERS.aws.keys()]).toEqual(["passes", "failedpasses", "drift", "held"]);
    expect([...FILTERS.gcp.keys()]).toEqual([...FILTERS.aws.keys()]);
  });
});
