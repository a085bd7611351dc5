/**
 * A fleet in numbers (issue 6): the functions' own code, from event and timer over queue, pass and store to CDS, for up to 1,000
 * simulated clusters. Writes fleet-result.json, from which docs/scale.md takes its tables (`fleet-tables.ts`).
 * `FLEET=10x50,1x500` runs some (clusters x Gateways) and leaves the others as they were; `50+timed` takes the times.
 */
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { median } from "./measure.ts";
import { type FleetResult, type FleetResultRun, readResult, RESULT_FILE, resultText } from "./fleet-result.ts";
import { runFleet } from "./fleet-run.ts";
import { sumOf } from "./fleet-counts.ts";

/** Larger ones are multiples of these, which `test/unit/fleet.test.ts` shows. */
const MATRIX = ["1x1", "10x1", "1x50", "10x50", "1x500", "1+timed", "50+timed", "100x1", "500+timed", "1000x1", "10x500", "100x50"];
/** Milliseconds that operations take within a region, as is commonly seen: nothing here has measured them (docs/scale.md). */
const DELAYS = { store: 15, queue: 10, api: 10 };
/** They are made so many times as long, and what was waited is divided: what else this machine does then counts little. */
const STRETCH = 10;
/** A pass waits for what is told of to be stored (shared/serverless/handle-reconcile.ts, SETTLE_MS): that is not made longer. */
const SETTLE = 250;

const [job] = process.argv.slice(2);
if (job !== undefined) await runJob(job);
else all();

/** In a process of its own, so that memory tells something. */
async function runJob(what: string): Promise<void> {
  const [size = "", isTimed] = what.split("+");
  if (isTimed) return timed(Number(size));
  const [clusters = 1, gateways = 1] = size.split("x").map(Number);
  const { phases, kept = 0 } = await runFleet({ clusters, gateways });
  process.stdout.write(JSON.stringify({ clusters, gateways, phases, kept: Math.round(kept) } satisfies FleetResultRun));
}

async function timed(gateways: number): Promise<void> {
  const delays = { store: DELAYS.store * STRETCH, queue: DELAYS.queue * STRETCH, api: DELAYS.api * STRETCH };
  const { took } = await runFleet({ clusters: 1, gateways, delays });
  const entries = [...took].map(([name, times]) => {
    // What the API servers took is an estimate: of a short call it may be more than all.
    const cpu = Math.max(0, median(times.map((one) => one.cpu)));
    const fixed = name.endsWith(" reconcile") ? SETTLE : 0;
    const waited = Math.max(0, median(times.map(({ wall }) => wall)) - cpu - fixed) / STRETCH;
    return [name, { wall: round(waited + cpu + fixed), cpu: round(cpu) }] as const;
  });
  process.stdout.write(JSON.stringify(Object.fromEntries(entries)));
}

function all(): void {
  for (const size of process.env["FLEET"]?.split(",") ?? MATRIX) {
    const began = performance.now();
    const text = child(size);
    const before: FleetResult = existsSync(RESULT_FILE) ? readResult() : { date: "", runs: [], took: {} };
    const date = new Date().toISOString().slice(0, 10);
    if (size.endsWith("+timed")) {
      save({ ...before, date, took: { ...before.took, [String(parseInt(size, 10))]: JSON.parse(text) as FleetResult["took"][string] } });
      continue;
    }
    const run = JSON.parse(text) as FleetResultRun;
    tell(run, Math.round((performance.now() - began) / 1000));
    const others = before.runs.filter(({ clusters, gateways }) => clusters !== run.clusters || gateways !== run.gateways);
    save({ ...before, date, runs: [...others, run].sort((a, b) => a.gateways - b.gateways || a.clusters - b.clusters) });
  }
  process.stdout.write(`\nwritten: ${RESULT_FILE.pathname}; now node test/bench/fleet-tables.ts\n`);
}

function save(result: FleetResult): void {
  writeFileSync(RESULT_FILE, resultText(result));
}

function tell({ clusters, gateways, phases, kept }: FleetResultRun, seconds: number): void {
  process.stdout.write(`\n## ${clusters} clusters of ${gateways} Gateways, ${seconds} s\n`);
  for (const [phase, counts] of Object.entries(phases)) {
    process.stdout.write(`${phase}: ${sumOf(counts, "call ")} calls, ${sumOf(counts, "api ") - (counts["api bytes"] ?? 0)} API requests, store ${["get", "put", "list", "delete"].map((verb) => `${counts[`store ${verb}`] ?? 0} ${verb}`).join(", ")}\n`);
  }
  process.stdout.write(`an instance keeps ${Math.round(kept / 1024)} KiB of each cluster\n`);
}

function child(what: string): string {
  const args = ["--expose-gc", "--max-old-space-size=8192", new URL(import.meta.url).pathname, what];
  const { status, stdout } = spawnSync(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(`${what} has failed`);
  return stdout;
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
