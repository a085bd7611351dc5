import { readFileSync } from "node:fs";
import * as z from "zod/mini";
import { LOAD } from "./fleet-load.ts";
import { type Month, monthOf, perCluster } from "./fleet-month.ts";
import type { FleetResult } from "./fleet-result.ts";

const priceList = z.record(z.string(), z.object({ per: z.number(), dollars: z.number(), source: z.string() }));
const pricesSchema = z.object({ date: z.string(), note: z.string(), aws: priceList, gcp: priceList });
export type Prices = z.infer<typeof pricesSchema>;
type PriceList = Prices["aws"];

/** A month of a fleet on one cloud. */
export interface Bill {
  readonly calls: number;
  readonly reads: number;
  readonly writes: number;
  /** Answers of CDS. */
  readonly outBytes: number;
  readonly api: number;
  /** Dollars by item, most first. */
  readonly items: readonly (readonly [string, number])[];
  readonly dollars: number;
}

export function readPrices(): Prices {
  return pricesSchema.parse(JSON.parse(readFileSync(new URL("fleet-prices.json", import.meta.url), "utf8")));
}

/** Pods poll through API Gateway and Lambda (`delivery: pull`). */
export function awsBill(result: FleetResult, prices: PriceList, clusters: number, gateways: number): Bill {
  const month = monthOf(result, clusters, gateways);
  const polls = pollsOf(result, month);
  const cds = result.took[String(gateways)]?.["poll cds"] ?? { wall: 0, cpu: 0 };
  const seconds = { ...month.seconds, cds: (polls.calls * cds.wall) / 1000 };
  const cpu = { ...month.cpu, cds: (polls.calls * cds.cpu) / 1000 };
  const billed = Object.entries(LOAD.memory).map(([name, memory]) => {
    const time = (seconds[name as keyof typeof seconds] ?? 0) + (cpu[name as keyof typeof cpu] ?? 0) * (LOAD.wholeCpu / memory - 1);
    return { time, size: (time * memory) / 1024 };
  });
  const calls = sum(Object.values(month.calls)) + polls.calls;
  const instances = sum(billed.map(({ time }) => Math.ceil(time / LOAD.secondsPerMonth)));
  const { idlePolls: idle } = LOAD;
  const idleRequests = (idle.queues * idle.pollers * LOAD.secondsPerMonth) / idle.seconds;
  const [reads, writes] = [month.reads + polls.reads, month.writes];
  return bill({ calls, reads, writes, outBytes: polls.bytes, api: month.api }, prices, {
    lambdaRequests: calls,
    lambdaGigabyteSeconds: sum(billed.map(({ size }) => size)),
    apiRequests: (month.calls["event"] ?? 0) + polls.calls,
    storeReads: reads,
    storeWrites: writes,
    // Sent, received and deleted.
    queueRequests: month.sent + 2 * month.delivered + idleRequests,
    schedules: month.calls["resync"] ?? 0,
    secretReads: (instances * LOAD.secondsPerMonth) / LOAD.secretKept,
    secrets: LOAD.fixed.secrets,
    logGigabytes: (month.logBytes + calls * LOAD.logBytes.aws) / 1e9,
    metrics: clusters * LOAD.perCluster.metrics,
    alarms: clusters * LOAD.perCluster.alarms + LOAD.fixed.alarms,
    dashboards: LOAD.fixed.dashboards,
    outGigabytes: polls.bytes / 1e9,
  });
}

/** Pods watch by WebSocket (`delivery: proxy`): an instance that is watched is paid for all the time. */
export function gcpBill(result: FleetResult, prices: PriceList, clusters: number, gateways: number): Bill {
  const month = monthOf(result, clusters, gateways);
  const watches = clusters * gateways * LOAD.pods;
  const instances = Math.ceil(watches / LOAD.run.watches);
  // Watches of a cluster come to instances by chance.
  const followers = instances * (1 - (1 - 1 / instances) ** (gateways * LOAD.pods));
  const quiet = (clusters * followers * LOAD.secondsPerMonth) / LOAD.look.quiet;
  const soon = month.edits * followers * (LOAD.soon / LOAD.look.soon - LOAD.soon / LOAD.look.quiet);
  const looks = Math.min(quiet + soon, (clusters * followers * LOAD.secondsPerMonth) / LOAD.look.soon);
  const calls = sum(Object.values(month.calls));
  const time = sum(Object.entries(month.calls).map(([name, count]) => count * rounded(count === 0 ? 0 : (month.seconds[name] ?? 0) / count))) + instances * LOAD.secondsPerMonth;
  const fetch = perCluster(result, gateways)["fetch"] ?? {};
  const outBytes = (month.edits * (fetch["answer bytes"] ?? 0)) / gateways;
  const [reads, writes] = [month.reads + looks + month.edits * instances, month.writes];
  return bill({ calls, reads, writes, outBytes, api: month.api }, prices, {
    runRequests: calls,
    runCpuSeconds: time * LOAD.run.cpu,
    runGibibyteSeconds: time * LOAD.run.gibibytes,
    storeReads: reads,
    storeWrites: writes,
    queueRequests: month.sent + month.delivered,
    schedules: clusters,
    secretReads: ((instances + 4) * LOAD.secondsPerMonth) / LOAD.secretKept,
    secrets: LOAD.fixed.secrets,
    logGigabytes: (month.logBytes + calls * LOAD.logBytes.gcp) / 2 ** 30,
    outGigabytes: outBytes / 2 ** 30,
  });
}

/** What pods that poll ask for. A changed configuration is asked for every second for a while, and is sent once. */
function pollsOf(result: FleetResult, { clusters, gateways, edits }: Month): { calls: number; reads: number; bytes: number } {
  const { poll = {}, fetch = {} } = perCluster(result, gateways);
  const pods = clusters * gateways * LOAD.pods;
  const calls = (pods * LOAD.secondsPerMonth) / LOAD.poll + edits * LOAD.pods * (LOAD.soon - LOAD.soon / LOAD.poll);
  const each = (name: string, of = poll): number => (of[name] ?? 0) / (of["call cds"] ?? 1);
  return { calls, reads: calls * each("store get") + edits * LOAD.pods, bytes: calls * each("answer bytes") + edits * LOAD.pods * each("answer bytes", fetch) };
}

function bill(counts: Omit<Bill, "items" | "dollars">, prices: PriceList, amounts: Readonly<Record<string, number>>): Bill {
  const items = Object.entries(amounts).map(([name, amount]): [string, number] => {
    const price = prices[name];
    if (!price) throw new Error(`there is no price of ${name}`);
    return [name, (amount / price.per) * price.dollars];
  });
  return { ...counts, items: items.sort(([, a], [, b]) => b - a), dollars: sum(items.map(([, dollars]) => dollars)) };
}

const rounded = (seconds: number): number => Math.ceil(seconds / LOAD.run.step) * LOAD.run.step;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
