import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { awsBill, gcpBill, readPrices } from "../bench/fleet-cost.ts";
import { type FleetResultRun, readResult } from "../bench/fleet-result.ts";
import { runFleet } from "../bench/fleet-run.ts";
import { tables, withTables } from "../bench/fleet-tables.ts";

const result = readResult();
const prices = readPrices();
const page = readFileSync("docs/scale.md", "utf8");
const largest = (gateways: number): number => Math.max(...result.runs.filter((run) => run.gateways === gateways).map(({ clusters }) => clusters));

/** Names that say how often something happened to the store, the queue and the API server, apart from bytes. */
const isCount = (name: string): boolean => /^(?:call|store|queue|api) /.test(name) && !name.endsWith("bytes");

/** What a month is made of, and what each pod asks. */
const BILLED = ["resync", "cold", "edit", "foreign", "poll", "fetch"];
/** Beyond that the page is not what the code does: of fewer than fifty it allows none, and logs hold times. */
const MOST_OFF = 0.02;

describe("counts of bench:fleet", () => {
  it("are of a thousand clusters", () => {
    expect([largest(1), largest(50), largest(500)]).toEqual([1000, 100, 10]);
  });

  // Where this fails the code asks for more or less than docs/scale.md says: `npm run bench:fleet`, then `node test/bench/fleet-tables.ts`.
  it("are those of the code of today, with one cluster of one Gateway", { timeout: 300_000 }, async () => {
    const { phases } = await runFleet({ clusters: 1, gateways: 1 });
    const known = result.runs.find((run) => run.clusters === 1 && run.gateways === 1)?.phases ?? {};
    const off = BILLED.flatMap((phase) => {
      const [now = {}, told = {}] = [(phases as FleetResultRun["phases"])[phase], known[phase]];
      const names = new Set([...Object.keys(now), ...Object.keys(told)].filter(isCount));
      return [...names].map((name) => ({ phase, name, now: now[name] ?? 0, told: told[name] ?? 0 }));
    });
    expect(off.length).toBeGreaterThan(50);
    expect(off.filter(({ now, told }) => Math.abs(now - told) > MOST_OFF * told)).toEqual([]);
  });

  const fleets = result.runs.filter(({ clusters }) => clusters > 1);
  it.each(fleets.map((run) => [run.clusters, run.gateways, run] as const))("are linear in the clusters: %i of %i Gateways", (clusters, gateways, { phases }) => {
    const one = result.runs.find((run) => run.clusters === 1 && run.gateways === gateways);
    for (const phase of ["resync", "cold", "foreign"]) {
      const expected = Object.entries(one?.phases[phase] ?? {}).filter(([name]) => isCount(name)).map(([name, count]) => [name, count * clusters]);
      expect(Object.entries(phases[phase] ?? {}).filter(([name]) => isCount(name))).toEqual(expected);
    }
    const off = ["call reconcile", "store get", "store put", "api list gateways"].map((name) => {
      const [count = 0, expected = Number.NaN] = [phases["edit"]?.[name], one?.phases["edit"]?.[name]];
      return Math.abs(count / clusters / expected - 1);
    });
    expect(Math.max(...off)).toBeLessThan(0.05);
    // Second looks are put off once where the pass has just begun: of many clusters at once it began a while ago.
    const messages = (phases["edit"]?.["queue send"] ?? 0) / clusters;
    expect(messages).toBeGreaterThanOrEqual(3);
    expect(messages).toBeLessThanOrEqual(4);
  });
});

describe("docs/scale.md", () => {
  it("has the tables that the counts and prices make", () => {
    expect(withTables(page, tables(result, prices))).toBe(page);
    expect(page.match(/<!-- table \w+ -->\n\|/g)).toHaveLength(4);
  });

  it("adds up: dollars are amounts times prices, worked by hand for one cluster of one Gateway", () => {
    const aws = awsBill(result, prices.aws, 1, 1);
    // 259,200 polls, and 108 more after each of 30 changes.
    const polls = 262_440;
    const item = Object.fromEntries(aws.items);
    expect(item["apiRequests"]).toBeCloseTo((polls + 330) / 1e6, 6);
    expect(item["schedules"]).toBeCloseTo(8640 / 1e6, 6);
    expect(aws.dollars).toBeCloseTo(aws.items.reduce((sum, [, dollars]) => sum + dollars, 0), 9);
    // One instance, watched all month: 2,592,000 s of a vCPU and half a GiB; passes come on top.
    const gcp = Object.fromEntries(gcpBill(result, prices.gcp, 1, 1).items);
    expect(gcp["runCpuSeconds"]).toBeGreaterThan(62.2);
    expect(gcp["runCpuSeconds"]).toBeLessThan(62.2 + 0.5);
  });

  it("has a source and a date for every price", () => {
    expect(prices.date).toMatch(/^\d{4}-\d\d-\d\d$/);
    for (const list of [prices.aws, prices.gcp]) for (const { source } of Object.values(list)) expect(source.length).toBeGreaterThan(10);
  });
});
