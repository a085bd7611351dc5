/** The tables of docs/scale.md, from what bench:fleet has counted. Run as a program it puts them there. */
import { readFileSync, writeFileSync } from "node:fs";
import { awsBill, gcpBill, type Prices, readPrices } from "./fleet-cost.ts";
import { sumOf } from "./fleet-counts.ts";
import { perCluster } from "./fleet-month.ts";
import { type FleetResult, readResult } from "./fleet-result.ts";

const PAGE = new URL("../../docs/scale.md", import.meta.url);
const CLUSTERS = [1, 10, 100, 1000];
const GATEWAYS = [1, 50, 500];

const ITEMS: Readonly<Record<string, string>> = {
  lambdaRequests: "Lambda, requests", lambdaGigabyteSeconds: "Lambda, time", apiRequests: "API Gateway", storeReads: "store, reads", storeWrites: "store, writes",
  queueRequests: "queue", schedules: "timers", secretReads: "secrets, reads", secrets: "secrets", logGigabytes: "logs", metrics: "metrics", alarms: "alarms",
  dashboards: "dashboard", outGigabytes: "bytes out", runRequests: "Cloud Run, requests", runCpuSeconds: "Cloud Run, CPU", runGibibyteSeconds: "Cloud Run, memory",
};

const EVENTS: readonly (readonly [string, string])[] = [
  ["resync", "a resync that finds nothing"], ["cold", "the same, by a new instance"], ["edit", "pods behind a Gateway are replaced"], ["foreign", "an event that concerns nobody"], ["add", "a Gateway, with route and Service"],
];

export function tables(result: FleetResult, prices: Prices): Readonly<Record<string, string>> {
  return { events: events(result), aws: months((clusters, gateways) => awsBill(result, prices.aws, clusters, gateways)), gcp: months((clusters, gateways) => gcpBill(result, prices.gcp, clusters, gateways)), instances: instances(result) };
}

/** The page with each table between its marks. */
export function withTables(page: string, all: Readonly<Record<string, string>>): string {
  return page.replaceAll(/(<!-- table (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (_whole, begin: string, name: string, end: string) => `${begin}${all[name] ?? ""}${end}`);
}

function events(result: FleetResult): string {
  const rows = EVENTS.flatMap(([phase, title]) => GATEWAYS.map((gateways) => {
    const counts = perCluster(result, gateways)[phase] ?? {};
    const took = result.took[String(gateways)]?.[`${phase} reconcile`];
    const api = sumOf(counts, "api ") - (counts["api bytes"] ?? 0);
    const writes = ["create", "apply", "patch", "update", "delete"].reduce((sum, verb) => sum + sumOf(counts, `api ${verb} `), 0);
    return row([title, gateways, ...["event", "reconcile", "look"].map((name) => one(counts[`call ${name}`])), one(counts["queue send"]), one(counts["store get"]), one(counts["store put"]), one(counts["store list"]), one(api - writes), one(writes), size(counts["api bytes"] ?? 0), took ? `${Math.round(took.wall)} / ${Math.round(took.cpu)}` : ""]);
  }));
  return [row(["What happens", "Gateways", "events", "passes", "second looks", "messages", "GET", "PUT", "LIST", "API reads", "API writes", "API bytes", "ms of a pass / of CPU"]), row(Array(13).fill("---")), ...rows].join("");
}

function months(billOf: (clusters: number, gateways: number) => ReturnType<typeof awsBill>): string {
  const rows = GATEWAYS.flatMap((gateways) => CLUSTERS.map((clusters) => {
    const { calls, reads, writes, outBytes, api, dollars, items } = billOf(clusters, gateways);
    const most = items.slice(0, 3).map(([name, part]) => `${ITEMS[name] ?? name} ${Math.round((100 * part) / dollars)} %`).join(", ");
    return row([clusters, gateways, millions(calls), millions(reads), millions(writes), size(outBytes), millions(api), money(dollars), most]);
  }));
  return [row(["Clusters", "Gateways each", "calls", "store reads", "store writes", "bytes out", "API server requests", "$ a month", "most of it"]), row(Array(9).fill("---")), ...rows].join("");
}

/** Of the largest fleet of each kind: of few clusters what an instance has anyway counts too much. */
function instances({ runs }: FleetResult): string {
  const largest = GATEWAYS.map((gateways) => runs.filter((run) => run.gateways === gateways).sort((a, b) => b.clusters - a.clusters)[0]);
  const rows = largest.flatMap((run) => (run ? [row([run.clusters, run.gateways, `${Math.round(run.kept / 1024)} KiB`])] : []));
  return [row(["Clusters", "Gateways each", "kept of each cluster"]), row(Array(3).fill("---")), ...rows].join("");
}

const row = (cells: readonly unknown[]): string => `| ${cells.join(" | ")} |\n`;
const one = (count: number | undefined): string => String(Math.round((count ?? 0) * 10) / 10);
const millions = (count: number): string => (count >= 1e6 ? `${significant(count / 1e6)} M` : count >= 1e3 ? `${significant(count / 1e3)} k` : String(Math.round(count)));
const significant = (value: number): string => Number(value.toPrecision(3)).toLocaleString("en-US");
const money = (dollars: number): string => Number(dollars.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 2 });

function size(bytes: number): string {
  const [unit = "B", scale = 1] = ([["TB", 1e12], ["GB", 1e9], ["MB", 1e6], ["kB", 1e3]] as const).find(([, least]) => bytes >= least) ?? ["B", 1];
  return `${significant(bytes / scale)} ${unit}`;
}

if (import.meta.main) writeFileSync(PAGE, withTables(readFileSync(PAGE, "utf8"), tables(readResult(), readPrices())));
