/** 5,000 watchers of one `serve` over TLS, each with the token of its Gateway: memory, a change, all of them coming back at once (issue 5). */
import { setTimeout } from "node:timers/promises";
import { Crowd } from "./cds/crowd.ts";
import { figure, median } from "./measure.ts";
import { startSecureServe } from "./tls/secure-serve.ts";

const WATCHERS = Number(process.env["WATCHERS"] ?? 5_000);
const FIRST = 1_000;
const GATEWAYS = 64;
const RUNS = 7;
const STORMS = 3;
const WATCH = "/c/default/api/v1/configs/media/gw-0?watch=true";

const serve = await startSecureServe(GATEWAYS);
const secure = serve.secure(0);
let port = 4000;

// What the first connections make the server set up for all that come, code and the generations of its heap, is not theirs.
const crowd = new Crowd();
await crowd.join(serve.port, FIRST, () => WATCH, secure);
await crowd.got(FIRST);
await serve.measure();
const before = await serve.measure();
await crowd.join(serve.port, WATCHERS - FIRST, () => WATCH, secure);
await crowd.got(WATCHERS);
await serve.measure();
const joined = await serve.measure();
figure("of the resident set for each watcher", (joined.resident - before.resident) / 1024 / (WATCHERS - FIRST), "KiB", 60);
figure("CPU time of the server for each handshake and watch", (joined.cpu - before.cpu) / (WATCHERS - FIRST), "ms");

const [most, all, spent]: [number[], number[], number[]] = [[], [], []];
for (let run = 1; run <= RUNS; run++) {
  crowd.forget();
  // Longer than --throttle-timeout: what is measured is the first edit after quiet.
  await setTimeout(400);
  const { cpu } = await serve.measure();
  const edited = process.hrtime.bigint();
  serve.edit(0, (port += 1));
  await crowd.got(WATCHERS);
  const delays = crowd.delays(String(edited));
  most.push(delays[Math.ceil(delays.length * 0.95) - 1] ?? Number.NaN);
  all.push(delays.at(-1) ?? Number.NaN);
  spent.push((await serve.measure()).cpu - cpu);
  figure("watchers that did not get exactly one text", crowd.counts().filter((count) => count !== 1).length, "watchers", 0);
}
figure(`from the edit until 95 % of ${WATCHERS} have it, median of ${RUNS}`, median(most), "ms", 500);
figure(`from the edit until all have it, median of ${RUNS}`, median(all), "ms", 1000);
figure("CPU time of the server for it, median", median(spent), "ms");

const [served, cost]: [number[], number[]] = [[], []];
for (let storm = 1; storm <= STORMS; storm++) {
  crowd.leave();
  crowd.forget();
  crowd.watchers.length = 0;
  const { cpu } = await serve.measure();
  const began = process.hrtime.bigint();
  crowd.retries = 0;
  await crowd.storm(serve.port, WATCHERS, WATCH, secure);
  await crowd.got(WATCHERS);
  served.push(crowd.delays(String(began)).at(-1) ?? Number.NaN);
  const after = await serve.measure();
  cost.push(after.cpu - cpu);
  figure(`of the resident set for each watcher, after storm ${storm}`, (after.resident - before.resident) / 1024 / (WATCHERS - FIRST), "KiB");
  figure("connections that broke and were tried again", crowd.retries, "connections");
}
figure(`until all ${WATCHERS} are served again, median of ${STORMS}`, median(served), "ms", 10_000);
figure("CPU time of the server for it, median", median(cost), "ms", 10_000);
// The first pass after the start reads all that is there, each edit is read by the pass and by what serves it.
figure("config objects read from the store in all that", (await serve.measure()).reads - before.reads, "objects", GATEWAYS + 2 * RUNS);
crowd.leave();
await serve.stop();
