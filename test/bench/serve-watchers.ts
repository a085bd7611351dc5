/**
 * 5,000 watchers of one `serve` (issue 3): what an idle one costs, how long a change takes from the edit of a manifest to all of
 * them, everything in between included, and that watchers of others get nothing and clients which never read delay nobody.
 */
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { gateway, PLATFORM } from "../support/manifests.ts";
import { directoryOf } from "../support/running-serve.ts";
import { Crowd, openDeaf } from "./cds/crowd.ts";
import { figure, median } from "./measure.ts";
import { startMeasuredServe } from "./measured-serve.ts";

const WATCHERS = Number(process.env["WATCHERS"] ?? 5_000);
const STRANGERS = 500;
const GATEWAYS = 64;
const DEAF = 200;
/** Bytes that a deaf client is sent with each change: more than sockets hold after a few. */
const LARGE = 700_000;
const RUNS = 7;
const watchOf = (name: string): string => `/api/v1/configs/media/${name}?watch=true`;

/** A class of its own, whose configurations are large. */
const LARGE_CLASS = PLATFORM.slice(0, PLATFORM.lastIndexOf("---")).replaceAll("name: stunner", "name: large").replaceAll("name: config", "name: large");
const largeClass = (bytes: number, run: number): string => LARGE_CLASS.replace("pass-1", `${run}${"x".repeat(bytes)}`);

/** What is changed, in one file: then one pass sees all of it. */
const edited = (listens: number, bytes: number, run: number): string => [gateway("gw-0", { port: listens }), largeClass(bytes, run), gateway("large", { className: "large" })].join("---");

const { path, remove } = await directoryOf({
  "platform.yaml": PLATFORM,
  "gw-0.yaml": edited(3478, 1, 0),
  ...Object.fromEntries(Array.from({ length: GATEWAYS - 1 }, (_, n) => [`gw-${n + 1}.yaml`, gateway(`gw-${n + 1}`)])),
});
const serve = await startMeasuredServe([`--manifests=${path}`]);
const port = Number(new URL(serve.origin).port);

// What the first connections make the server set up for all that come is not theirs.
const warmUp = new Crowd();
await warmUp.join(port, 20, () => watchOf("gw-0"));
await warmUp.got(20);
warmUp.leave();
const before = await settled();
const crowd = new Crowd();
await crowd.join(port, WATCHERS, () => watchOf("gw-0"));
await crowd.got(WATCHERS);
figure("of the resident set for each idle watcher", ((await settled()) - before) / 1024 / WATCHERS, "KiB", 20);

const strangers = new Crowd();
await strangers.join(port, STRANGERS, (index) => watchOf(`gw-${1 + (index % (GATEWAYS - 1))}`));
await strangers.got(STRANGERS);
strangers.forget();
let listens = 4000;
const alone = await edits("", 1);
figure(`from the edit until 95 % of ${WATCHERS} have it, median of ${RUNS}`, alone.most, "ms", 200);
figure(`from the edit until all have it, median of ${RUNS}`, alone.all, "ms", 400);
const large = await edits(", with a large one", LARGE);
const deaf = await openDeaf(port, DEAF, watchOf("large"));
const beside = await edits(`, with a large one for ${DEAF} deaf clients`, LARGE);
figure("from the edit until 95 % have it, with deaf clients against without", beside.most / large.most, "times", 1.5);
figure("from the edit until all have it, with deaf clients against without", beside.all / large.all, "times", 1.5);
figure("texts that watchers of other configurations got", strangers.counts().reduce((sum, count) => sum + count, 0), "texts", 0);

for (const socket of deaf) socket.destroy();
for (const each of [crowd, strangers]) each.leave();
await serve.stop();
await remove();

/**
 * Milliseconds from an edit until 95 of 100 have it, and until all have; medians.
 * @param bytes about what the large configuration has, which changes at the same time
 */
async function edits(suffix: string, bytes: number): Promise<{ most: number; all: number }> {
  const [most, all, spent]: [number[], number[], number[]] = [[], [], []];
  let astray = 0;
  for (let run = 1; run <= RUNS; run++) {
    crowd.forget();
    listens += 1;
    await writeFile(`${path}.new`, edited(listens, bytes, run));
    // Longer than --throttle-timeout: what is measured is the first edit after quiet.
    await setTimeout(600);
    const { cpu } = await serve.measure();
    const saved = process.hrtime.bigint();
    await rename(`${path}.new`, join(path, "gw-0.yaml"));
    await crowd.got(WATCHERS);
    const delays = crowd.delays(String(saved));
    most.push(delays[Math.ceil(delays.length * 0.95) - 1] ?? Number.NaN);
    all.push(delays.at(-1) ?? Number.NaN);
    spent.push((await serve.measure()).cpu - cpu);
    astray += crowd.counts().filter((count) => count !== 1).length;
  }
  figure(`CPU time of the server for it, median${suffix}`, median(spent), "ms");
  figure(`watchers that did not get exactly one text${suffix}`, astray, "watchers", 0);
  return { most: median(most), all: median(all) };
}

/** Bytes of the resident set, once it no longer shrinks. */
async function settled(): Promise<number> {
  let { resident } = await serve.measure();
  for (let last = Infinity; resident < last * 0.999; ) {
    last = resident;
    await setTimeout(300);
    ({ resident } = await serve.measure());
  }
  return resident;
}
