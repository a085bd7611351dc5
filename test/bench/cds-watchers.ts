/**
 * How fast a change reaches thousands of watchers, what an idle watcher costs, and that clients which never read delay
 * nobody. The server is a process of its own; this one is the clients.
 */
import { configText } from "../integration/cds-source.ts";
import { Crowd, openDeaf } from "./cds/crowd.ts";
import { ServerProcess } from "./cds/server.ts";
import type { Done } from "./cds/server.ts";

const WATCHERS = 5_000;
const DEAF = 200;
const RUNS = 11;
const ONE = "/api/v1/configs/ns/one?watch=true";

let port = 10_000;
const server = await ServerProcess.start();
const others = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`other/gw${index}`, configText(`other/gw${index}`)]));
await server.set({ ...others, "ns/one": configText("ns/one") });

const warmUp = new Crowd();
await warmUp.join(server.port, 20, () => ONE);
await warmUp.got(20);
warmUp.leave();

const before = await settled(0);
const crowd = new Crowd();
await crowd.join(server.port, WATCHERS, () => ONE);
await crowd.got(WATCHERS);
const after = await settled(WATCHERS);
report("KiB per idle watcher (resident set)", (after.resident - before.resident) / 1024 / WATCHERS, 20);

const strangers = new Crowd();
await strangers.join(server.port, WATCHERS, (index) => `/api/v1/configs/other/gw${index % 100}?watch=true`);
await strangers.got(WATCHERS);
strangers.forget();
await measure("", {});

const deaf = await openDeaf(server.port, DEAF, "/api/v1/configs/ns/large?watch=true");
await settled(2 * WATCHERS + DEAF);
await measure(`, ${DEAF} deaf clients pushed 1 MB at a time`, { "ns/large": "x".repeat(1_000_000) });
report("texts that watchers of other configurations got", strangers.counts().reduce((sum, count) => sum + count, 0), 0);

for (const socket of deaf) socket.destroy();
for (const each of [crowd, strangers]) each.leave();
await server.stop();

/** @param large configurations changed along with the one watched by the crowd, and before it */
async function measure(suffix: string, large: Record<string, string>): Promise<void> {
  const [p95, last, spent]: number[][] = [[], [], []];
  for (let run = 0; run < RUNS; run += 1) {
    crowd.forget();
    const padded = Object.entries(large).map(([id, text]) => [id, JSON.stringify(`${run}${text}`)]);
    const done = await server.set({ ...Object.fromEntries(padded), "ns/one": configText("ns/one", (port += 1)) });
    await crowd.got(WATCHERS);
    const delays = crowd.delays(done.at);
    p95?.push(delays[Math.ceil(delays.length * 0.95) - 1] ?? Number.NaN);
    last?.push(delays.at(-1) ?? Number.NaN);
    spent?.push(done.spent);
    if (crowd.counts().some((count) => count !== 1)) report("watchers that did not get exactly one text", 1, 0);
  }
  report(`ms until 95 % of ${WATCHERS} have a change${suffix}`, median(p95), 200);
  report(`ms until all have it${suffix}`, median(last), 400);
  report(`ms that the server is busy with it${suffix}`, median(spent), 200);
}

/** Measures once so many connections are open, and the server had a moment to tidy up. */
async function settled(watchers: number): Promise<Done> {
  let done = await server.set();
  for (let quiet = 0; quiet < 5; quiet += done.stats.watchers === watchers ? 1 : 0) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    done = await server.set();
  }
  return done;
}

function median(values: readonly number[] = []): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function report(what: string, value: number, budget: number): void {
  const met = value <= budget;
  if (!met) process.exitCode = 1;
  process.stdout.write(`${what}: ${value.toFixed(1)} (at most ${budget})${met ? "" : "  MISSED"}\n`);
}
