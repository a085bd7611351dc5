/** From the edit of a manifest to 5,000 watchers of one `serve`, everything in between included (issue 3). */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { gateway, PLATFORM } from "../support/manifests.ts";
import { directoryOf, startServe } from "../support/running-serve.ts";
import { Crowd } from "./cds/crowd.ts";
import { figure, median } from "./measure.ts";

const WATCHERS = 5_000;
const GATEWAYS = 64;
const RUNS = 7;

const { path, remove } = await directoryOf({ "platform.yaml": PLATFORM, ...Object.fromEntries(Array.from({ length: GATEWAYS }, (_, n) => [`gw-${n}.yaml`, gateway(`gw-${n}`, { port: 3478 })])) });
const serve = await startServe([`--manifests=${path}`]);
const port = Number(new URL(serve.origin).port);
const crowd = new Crowd();
await crowd.join(port, WATCHERS, () => "/api/v1/configs/media/gw-0?watch=true");
await crowd.got(WATCHERS);
const strangers = new Crowd();
await strangers.join(port, 500, (index) => `/api/v1/configs/media/gw-${1 + (index % (GATEWAYS - 1))}?watch=true`);
await strangers.got(500);
strangers.forget();

const [most, all]: [number[], number[]] = [[], []];
for (let run = 1; run <= RUNS; run++) {
  crowd.forget();
  // Longer than --throttle-timeout: what is measured is the first edit after quiet.
  await setTimeout(400);
  const edited = process.hrtime.bigint();
  await writeFile(join(path, "gw-0.yaml"), gateway("gw-0", { port: 4000 + run }));
  await crowd.got(WATCHERS);
  const delays = crowd.delays(String(edited));
  most.push(delays[Math.ceil(delays.length * 0.95) - 1] ?? Number.NaN);
  all.push(delays.at(-1) ?? Number.NaN);
}
figure(`from the edit until 95 % of ${WATCHERS} have it, median of ${RUNS}`, median(most), "ms", 200);
figure(`from the edit until all have it, median of ${RUNS}`, median(all), "ms", 400);
figure("texts that watchers of other configurations got", strangers.counts().reduce((sum, count) => sum + count, 0), "texts", 0);
for (const each of [crowd, strangers]) each.leave();
await serve.stop();
await remove();
