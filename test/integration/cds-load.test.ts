import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Crowd, openDeaf } from "../bench/cds/crowd.ts";
import { ServerProcess } from "../bench/cds/server.ts";
import { configText } from "./cds-source.ts";
import type { Done } from "../bench/cds/server.ts";

const WATCHERS = 500;
const ONE = "/api/v1/configs/ns/one?watch=true";

let server: ServerProcess;
let crowds: Crowd[];

beforeEach(async () => {
  server = await ServerProcess.start();
  crowds = [];
});

afterEach(async () => {
  for (const crowd of crowds) crowd.leave();
  await server.stop();
});

/** Watchers that have got what there was at first, and forgot it. */
async function gather(count: number, pathOf: (index: number) => string): Promise<Crowd> {
  const crowd = new Crowd();
  crowds.push(crowd);
  await crowd.join(server.port, count, pathOf);
  await crowd.got(count);
  crowd.forget();
  return crowd;
}

/** The least time that the server was busy with one change, of many: what it costs when nothing else runs. */
async function cost(crowd: Crowd): Promise<number> {
  const spent: number[] = [];
  for (let run = 1; run <= 25; run += 1) {
    crowd.forget();
    const done = await server.set({ "ns/one": configText("ns/one", run) });
    await crowd.got(WATCHERS);
    spent.push(done.spent);
  }
  return Math.min(...spent);
}

async function allThere(watchers: number): Promise<Done> {
  for (;;) {
    const done = await server.set();
    if (done.stats.watchers === watchers) return done;
  }
}

describe(`${WATCHERS} watchers of one configuration among others`, () => {
  it("get each change once, the others nothing, and the cost is that of their number", async () => {
    await server.set({ "ns/one": configText("ns/one"), "other/gw": configText("other/gw"), "ns/two": configText("ns/two") });
    const crowd = await gather(WATCHERS, () => ONE);
    const alone = await cost(crowd);
    const strangers = await gather(4 * WATCHERS, (index) => `/api/v1/configs/${index % 2 === 0 ? "other/gw" : "ns/two"}?watch=true`);
    const among = await cost(crowd);
    expect(crowd.counts().every((count) => count === 1)).toBe(true);
    expect(strangers.counts().every((count) => count === 0)).toBe(true);
    // Looking at all of them would cost five times as much.
    expect(among).toBeLessThan(2.5 * alone);
  });

  it("need at most 20 KiB each while idle", async () => {
    await server.set({ "ns/one": configText("ns/one") });
    await gather(20, () => ONE);
    const before = await server.set();
    await gather(4 * WATCHERS, (index) => `${ONE}&node=node-${index}`);
    const after = await server.set();
    expect((after.resident - before.resident) / 1024 / (4 * WATCHERS)).toBeLessThan(20);
  });

  it("are not kept waiting by clients that never read", async () => {
    await server.set({ "ns/one": configText("ns/one") });
    const crowd = await gather(WATCHERS, () => ONE);
    const deaf = await openDeaf(server.port, 50, "/api/v1/configs/ns/large?watch=true");
    await allThere(WATCHERS + 50);
    let pushed = 0;
    for (let run = 1; run <= 30; run += 1) {
      const large = JSON.stringify(`${run}${"x".repeat(1_000_000)}`);
      ({ pushed } = (await server.set({ "ns/large": large, "ns/one": configText("ns/one", run) })).stats);
    }
    await crowd.got(30 * WATCHERS);
    expect(crowd.counts().every((count) => count === 30)).toBe(true);
    // Each of the deaf was given what its connection could take, not all thirty megabytes.
    expect(pushed - 31 * WATCHERS).toBeLessThan(50 * 25);
    for (const socket of deaf) socket.destroy();
    expect((await allThere(WATCHERS)).stats).toMatchObject({ silent: 0, noisy: 0 });
  });
});
