import { afterEach, describe, expect, it } from "vitest";
import { createLoop } from "../../functions/local/loop.ts";
import type { Loop, LoopOptions } from "../../functions/local/loop.ts";

const loops: Loop[] = [];
afterEach(() => Promise.all(loops.splice(0).map((loop) => loop.close())));

/** A loop whose passes are recorded, and a promise of the pass with a number counted from 1. */
function recorded(options: Partial<LoopOptions>, outcome: (pass: number) => boolean | Promise<boolean> = () => true) {
  const starts: number[] = [];
  const waiting = new Map<number, () => void>();
  const loop = createLoop({
    throttle: 0, quiet: 0, patience: 1000, resync: 1_000_000, retry: 5,
    ...options,
    pass: async () => {
      starts.push(performance.now());
      waiting.get(starts.length)?.();
      return outcome(starts.length);
    },
  });
  loops.push(loop);
  return {
    loop,
    starts,
    pass: (number: number) => (starts.length >= number ? Promise.resolve() : new Promise<void>((resolve) => waiting.set(number, resolve))),
  };
}

describe("loop", () => {
  it("makes one pass of several requests, and starts at once after quiet", async () => {
    const results: string[] = [];
    const { loop, starts, pass } = recorded({ throttle: 200, onRequest: (result) => results.push(result) });
    const asked = performance.now();
    for (let i = 0; i < 3; i++) loop.request();
    await pass(1);
    expect(performance.now() - asked).toBeLessThan(150);
    expect(results).toEqual(["passed", "throttled", "throttled"]);
    expect(starts).toHaveLength(1);
  });

  it("keeps the least time between the starts of two passes", async () => {
    const { loop, starts, pass } = recorded({ throttle: 80 });
    loop.request();
    await pass(1);
    loop.request();
    await pass(2);
    expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(79);
  });

  it("waits for quiet, but not for ever", async () => {
    const { loop, starts, pass } = recorded({ quiet: 60, patience: 150 });
    const asked = performance.now();
    const writing = setInterval(() => loop.request(), 10);
    loop.request();
    await pass(1);
    clearInterval(writing);
    expect((starts[0] ?? 0) - asked).toBeGreaterThanOrEqual(149);
    expect((starts[0] ?? 0) - asked).toBeLessThan(1000);
  });

  it("looks again after a request that came while a pass ran, one pass at a time", async () => {
    let running = 0;
    let most = 0;
    const release: (() => void)[] = [];
    const { loop, pass } = recorded({}, async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => release.push(resolve));
      running -= 1;
      return true;
    });
    loop.request();
    await pass(1);
    loop.request();
    loop.request();
    release.shift()?.();
    await pass(2);
    release.shift()?.();
    expect(most).toBe(1);
  });

  it("tries again after a failure, each time later", async () => {
    const { loop, starts, pass } = recorded({ retry: 20 }, (number) => number > 3);
    loop.request();
    await pass(4);
    const gaps = starts.slice(1).map((start, i) => start - (starts[i] ?? 0));
    expect(gaps.map((gap, i) => gap >= 20 * 2 ** i - 1)).toEqual([true, true, true]);
    expect(starts).toHaveLength(4);
  });

  it("looks again without a request after the resync time", async () => {
    const { loop, starts, pass } = recorded({ resync: 20 });
    loop.request();
    await pass(3);
    expect(starts.length).toBeGreaterThanOrEqual(3);
  });

  it("waits for the running pass when it is closed, and begins no other", async () => {
    let ended = false;
    const { loop, starts, pass } = recorded({ resync: 1 }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      ended = true;
      return true;
    });
    loop.request();
    await pass(1);
    loop.request();
    await loop.close();
    expect(ended).toBe(true);
    loop.request();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(starts).toHaveLength(1);
  });
});
