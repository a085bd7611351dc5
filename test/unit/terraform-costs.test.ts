import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { awsBill, gcpBill, readPrices } from "../bench/fleet-cost.ts";
import { LOAD } from "../bench/fleet-load.ts";
import { readResult } from "../bench/fleet-result.ts";

/** The cost section of a module's README. */
function costs(cloud: "aws" | "gcp"): string {
  const text = readFileSync(new URL(`../../terraform/modules/${cloud}/README.md`, import.meta.url), "utf8");
  return /## Costs\n([\s\S]*?)\n## /.exec(text)?.[1] ?? "";
}

/** `$0.05 per 10,000 writes` is [0.05, "10,000 writes"]. */
function priceOf(row: string, unit: string): number {
  const line = row.split("|")[2] ?? "";
  return Number(new RegExp(`\\$([\\d.]+)[^$]*?${unit}`).exec(line)?.[1]);
}
const said = (cloud: "aws" | "gcp", words: RegExp): number => Number(words.exec(costs(cloud))?.[1]);
const row = (cloud: "aws" | "gcp", title: string): string => costs(cloud).split("\n").find((line) => line.startsWith(`| ${title}`)) ?? "";

describe("what the READMEs of the modules say of costs", () => {
  const { aws, gcp, date } = readPrices();

  it.each([
    ["aws", "HTTP API", "per million", "apiRequests", 1e6],
    ["aws", "Lambda", "per million", "lambdaRequests", 1e6],
    ["aws", "Lambda", "per GB and second", "lambdaGigabyteSeconds", 1],
    ["aws", "S3", "per million reads", "storeReads", 1e6],
    ["aws", "S3", "per million writes", "storeWrites", 1e6],
    ["aws", "SQS FIFO", "per million", "queueRequests", 1e6],
    ["aws", "Schedules", "per million", "schedules", 1e6],
    ["aws", "Secrets Manager", "per secret", "secrets", 1],
    ["aws", "Secrets Manager", "per 10,000 reads", "secretReads", 1e4],
    ["aws", "Metrics", "each", "metrics", 1],
    ["aws", "Alarms", "each", "alarms", 1],
    ["aws", "Dashboard", "", "dashboards", 1],
    ["aws", "Logs", "per GB", "logGigabytes", 1],
    ["aws", "Bytes out", "per GB", "outGigabytes", 1],
    ["gcp", "Functions", "per million requests", "runRequests", 1e6],
    ["gcp", "Functions", "per vCPU and second", "runCpuSeconds", 1],
    ["gcp", "Functions", "per GiB and second", "runGibibyteSeconds", 1],
    ["gcp", "Cloud Storage", "per 10,000 writes", "storeWrites", 1e4],
    ["gcp", "Cloud Storage", "per 10,000 reads", "storeReads", 1e4],
    ["gcp", "Cloud Tasks", "per million", "queueRequests", 1e6],
    ["gcp", "Scheduler", "per job", "schedules", 1],
    ["gcp", "Secret Manager", "per version", "secrets", 1],
    ["gcp", "Secret Manager", "per 10,000 reads", "secretReads", 1e4],
    ["gcp", "Logging", "per GiB", "logGigabytes", 1],
  ] as const)("%s: %s, %s", (cloud, title, unit, name, amount) => {
    const price = (cloud === "aws" ? aws : gcp)[name];
    expect(priceOf(row(cloud, title), unit)).toBeCloseTo(((price?.dollars ?? NaN) / (price?.per ?? NaN)) * amount, 9);
  });

  it("is as old as the prices", () => {
    const month = new Date(date).toLocaleDateString("en", { month: "long", year: "numeric" });
    for (const cloud of ["aws", "gcp"] as const) expect(costs(cloud)).toContain(`as of ${month}`);
  });

  it("sums up to what docs/scale.md counts", () => {
    const result = readResult();
    expect(said("aws", /of one Gateway is \$([\d.]+) a/)).toBeCloseTo(awsBill(result, aws, 1, 1).dollars, 2);
    expect(said("aws", /of 50 Gateways \$([\d.]+)\.\n/)).toBeCloseTo(awsBill(result, aws, 1, 50).dollars, 1);
    expect(said("gcp", /of one Gateway is \$([\d.]+) a/)).toBeCloseTo(gcpBill(result, gcp, 1, 1).dollars, 1);
    expect(said("aws", /seven for all: \$([\d.]+)/)).toBeCloseTo(LOAD.fixed.alarms * (aws["alarms"]?.dollars ?? NaN), 2);
    const { queues, pollers, seconds } = LOAD.idlePolls;
    expect(said("aws", /polls a month: \$([\d.]+)/)).toBeCloseTo((queues * pollers * LOAD.secondsPerMonth * (aws["queueRequests"]?.dollars ?? NaN)) / seconds / 1e6, 2);
    const watched = LOAD.secondsPerMonth * (LOAD.run.cpu * (gcp["runCpuSeconds"]?.dollars ?? NaN) + LOAD.run.gibibytes * (gcp["runGibibyteSeconds"]?.dollars ?? NaN));
    expect(Math.round(watched)).toBe(said("gcp", /250 watches is about \$(\d+) a month/));
  });
});
