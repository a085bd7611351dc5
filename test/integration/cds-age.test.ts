import { afterEach, describe, expect, it, vi } from "vitest";
import { endOf } from "../../shared/cds/aging.ts";
import { Watch, run } from "./cds-harness.ts";

const PATH = "/api/v1/configs/ns/a?watch=true";
const WATCHERS = 40;

afterEach(() => {
  vi.useRealTimers();
});

describe("the age of a connection", () => {
  it("is random within its bounds", () => {
    const age = { least: 20_000, most: 50_000 };
    expect([0, 0.5, 1].map((random) => endOf(age, 1_000, random))).toEqual([21_000, 36_000, 51_000]);
    expect(endOf(undefined, 1_000)).toBe(Infinity);
  });

  it("ends connections that came together one after another, each with a close frame", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    const running = await run({ limits: { age: { least: 10_000, most: 25_000 } } });
    const watches = await Promise.all(Array.from({ length: WATCHERS }, () => Watch.open(running.port, PATH)));
    const codes = watches.map((watch) => watch.closed());
    const ends: number[] = [];
    for (let second = 1; second <= 25; second += 1) {
      vi.advanceTimersByTime(1_000);
      const { aged } = running.cds.stats();
      while (ends.length < aged) ends.push(second);
    }
    expect(ends.length).toBe(WATCHERS);
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(10);
    expect(new Set(await Promise.all(codes))).toEqual(new Set([1001]));
    // 40 at random over 15 seconds: that they fall into fewer than 5 of them is less likely than 1 in 10^15.
    expect(new Set(ends).size).toBeGreaterThanOrEqual(5);
    await running.stop();
  });

  it("does not matter where no bounds are set", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    const running = await run();
    const watch = await Watch.open(running.port, PATH);
    for (let beats = 0; beats < 4; beats += 1) {
      await watch.soFar();
      vi.advanceTimersByTime(29_000);
    }
    expect(running.cds.stats()).toMatchObject({ watchers: 1, aged: 0 });
    await running.stop();
  });
});
