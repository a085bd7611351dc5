import { describe, expect, it } from "vitest";
import { backoff } from "../../shared/events/backoff.ts";
import type { Change } from "../../shared/events/change.ts";
import { createQueue, type PassCause, type PassResult, type QueueOptions } from "../../shared/events/queue.ts";
import { createFakeClock } from "./events/fake-clock.ts";
import { change } from "./events/fixtures.ts";

/** A queue whose passes take `duration`, on a clock of its own; `passes` has the start of each. */
function started(options: Partial<QueueOptions> = {}, duration = 0, outcome: (pass: number) => PassResult = () => ({ again: false })) {
  const clock = createFakeClock();
  const passes: { readonly at: number; readonly cause: PassCause }[] = [];
  let running = 0;
  let most = 0;
  const queue = createQueue({
    throttle: 250,
    resync: 300_000,
    retry: 1000,
    clock,
    random: () => 0,
    ...options,
    async pass(cause) {
      passes.push({ at: clock.now(), cause });
      most = Math.max(most, (running += 1));
      const result = outcome(passes.length);
      await new Promise<void>((resolve) => (duration > 0 ? clock.after(duration, resolve) : resolve()));
      running -= 1;
      return result;
    },
  });
  return { clock, queue, passes, starts: () => passes.map(({ at }) => at), mostAtOnce: () => most };
}

const gateway = change("Gateway", "media/gw");
const early = (name: string): Change => change("Gateway", `media/${name}`, { visible: { until: "updated", generation: 2 } });

describe("coalescing", () => {
  it("starts at once after quiet, and folds what comes within the throttle into one pass", async () => {
    const { clock, queue, starts } = started();
    queue.offer(gateway);
    await clock.pass(0);
    expect(starts()).toEqual([0]);
    for (let i = 0; i < 20; i++) {
      queue.offer(gateway);
      await clock.pass(10);
    }
    await clock.pass(1000);
    expect(starts()).toEqual([0, 250]);
  });

  it("folds what comes while a pass runs into one that follows it", async () => {
    const { clock, queue, starts, mostAtOnce } = started({}, 1000);
    queue.offer(gateway);
    await clock.pass(10);
    for (let i = 0; i < 50; i++) {
      queue.offer(gateway);
      await clock.pass(10);
    }
    await clock.pass(5000);
    expect(starts()).toEqual([0, 1000]);
    expect(mostAtOnce()).toBe(1);
  });

  it("makes a handful of passes of 10,000 events in a second, and the last state wins", async () => {
    const clock = createFakeClock();
    let written = 0;
    const read: number[] = [];
    const queue = createQueue({
      throttle: 250, resync: 300_000, retry: 1000, clock, random: () => 0,
      async pass() {
        const seen = written;
        await new Promise<void>((resolve) => clock.after(80, resolve));
        read.push(seen);
        return { again: false };
      },
    });
    for (let i = 0; i < 1000; i++) {
      for (let j = 0; j < 10; j++) {
        written += 1;
        queue.offer(change("Gateway", `media/gw-${written}`, { resourceVersion: String(written) }));
      }
      await clock.pass(1);
    }
    await clock.pass(5000);
    expect(written).toBe(10_000);
    expect(read.at(-1)).toBe(10_000);
    expect(read.length).toBeLessThanOrEqual(6);
  });

  it("does not let a storm of more different events than it keeps get lost while a pass runs", async () => {
    const { clock, queue, starts } = started({ matters: ({ name }) => name === "first" }, 1000);
    queue.offer(change("Gateway", "media/first"));
    await clock.pass(1);
    for (let i = 0; i < 10_001; i++) queue.offer(change("Gateway", `media/${i}`));
    await clock.pass(5000);
    expect(starts()).toEqual([0, 1000]);
  });

  it("tells passes what asked for them, without repetitions", async () => {
    const { clock, queue, passes } = started({}, 100);
    queue.offer(change("Gateway", "media/a", { resourceVersion: "1" }));
    await clock.pass(1);
    queue.offer(change("Gateway", "media/b", { resourceVersion: "2" }));
    queue.offer(change("Gateway", "media/b", { resourceVersion: "3" }));
    queue.request();
    await clock.pass(1000);
    expect(passes.map(({ cause }) => cause)).toEqual([
      { why: "event", changes: [change("Gateway", "media/a", { resourceVersion: "1" })] },
      { why: "event", changes: [change("Gateway", "media/b", { resourceVersion: "3" })] },
    ]);
  });

  it("waits for quiet, but not for ever, where that is asked for", async () => {
    const { clock, queue, starts } = started({ quiet: 50, patience: 200, throttle: 0 });
    for (let i = 0; i < 40; i++) {
      queue.request();
      await clock.pass(10);
    }
    await clock.pass(1000);
    expect(starts()).toEqual([200, 400]);
  });

  it("counts requests as passed on or throttled", async () => {
    const results: string[] = [];
    const { clock, queue } = started({ onRequest: (result) => results.push(result) });
    queue.request();
    queue.request();
    await clock.pass(0);
    queue.request();
    expect(results).toEqual(["passed", "throttled", "passed"]);
  });
});

describe("relevance", () => {
  it("asks for no pass where an event does not matter", async () => {
    const { clock, queue, starts } = started({ matters: () => false });
    for (let i = 0; i < 1000; i++) queue.offer(gateway);
    await clock.pass(10_000);
    expect(starts()).toEqual([]);
  });

  it("judges what comes during a pass by what that pass found", async () => {
    let referenced = new Set<string>();
    const { clock, queue, starts } = started({ matters: ({ name }) => name === "route" || referenced.has(name) }, 100, () => {
      referenced = new Set(["new-backend"]);
      return { again: false };
    });
    queue.offer(change("UDPRoute", "media/route"));
    await clock.pass(50);
    queue.offer(change("Service", "media/new-backend"));
    queue.offer(change("Service", "media/unrelated"));
    await clock.pass(10_000);
    expect(starts()).toEqual([0, 250]);
  });

  it("makes no pass of what the running one turns out to have seen", async () => {
    const seen = new Set<string>();
    const { clock, queue, starts } = started({ matters: ({ resourceVersion = "" }) => !seen.has(resourceVersion) }, 100, () => {
      seen.add("2");
      return { again: false };
    });
    queue.offer(change("Gateway", "media/gw", { resourceVersion: "1" }));
    await clock.pass(50);
    queue.offer(change("Gateway", "media/gw", { resourceVersion: "2" }));
    await clock.pass(10_000);
    expect(starts()).toEqual([0]);
  });
});

describe("looking again", () => {
  it("tries again what could not be done, each time later, until it is", async () => {
    const { clock, queue, passes } = started({ random: () => 1 }, 0, (pass) => ({ again: pass <= 3 }));
    queue.request();
    await clock.pass(60_000);
    expect(passes.map(({ at, cause }) => [at, cause.why])).toEqual([[0, "event"], [1000, "again"], [3000, "again"], [7000, "again"]]);
  });

  it("begins anew with the shortest wait after a success", async () => {
    const { clock, queue, starts } = started({ random: () => 1 }, 0, (pass) => ({ again: pass !== 2 && pass < 4 }));
    queue.request();
    await clock.pass(2000);
    queue.request();
    await clock.pass(20_000);
    expect(starts()).toEqual([0, 1000, 2000, 3000]);
  });

  it("varies the wait, so that those who failed together do not come back together", () => {
    const options = { first: 1000, longest: 60_000 };
    expect([backoff(options, 1, 0), backoff(options, 1, 1), backoff(options, 3, 0.5)]).toEqual([500, 1000, 3000]);
    expect([backoff(options, 7, 1), backoff(options, 2000, 1)]).toEqual([60_000, 60_000]);
  });

  it("waits no longer than until the next resync", async () => {
    const { clock, queue, starts } = started({ resync: 5000, random: () => 1 }, 0, () => ({ again: true }));
    queue.request();
    await clock.pass(30_000);
    const gaps = starts().map((at, i) => at - (starts()[i - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5000);
  });

  it("does not try again what trying does not help; the next event or resync does", async () => {
    const { clock, queue, passes } = started({ resync: 60_000 });
    queue.request();
    await clock.pass(59_000);
    expect(passes).toHaveLength(1);
    await clock.pass(1000);
    expect(passes.map(({ at, cause }) => [at, cause.why])).toEqual([[0, "event"], [60_000, "resync"]]);
  });

  it("starts nothing before a server wants to be asked again, events or not", async () => {
    const { clock, queue, starts } = started({}, 0, (pass) => (pass === 1 ? { again: true, after: 10_000 } : { again: false }));
    queue.request();
    await clock.pass(1000);
    queue.offer(gateway);
    await clock.pass(8999);
    expect(starts()).toEqual([0]);
    await clock.pass(1);
    expect(starts()).toEqual([0, 10_000]);
  });

  it("does not let an event wait for the end of a backoff", async () => {
    const { clock, queue, starts } = started({ retry: 60_000 }, 0, (pass) => ({ again: pass === 1 }));
    queue.request();
    await clock.pass(500);
    queue.offer(gateway);
    await clock.pass(1);
    expect(starts()).toEqual([0, 500]);
  });

  it("resyncs, a little earlier each time by chance", async () => {
    const { clock, queue, starts } = started({ resync: 10_000, random: () => 0.5 });
    queue.request();
    await clock.pass(20_000);
    expect(starts()).toEqual([0, 9500, 19_000]);
  });
});

describe("events that come before their change", () => {
  it("waits until the change can be seen, for its newest version, before the pass", async () => {
    const waited: (readonly Change[])[] = [];
    const clock = createFakeClock();
    const starts: number[] = [];
    const queue = createQueue({
      throttle: 0, resync: 300_000, retry: 1000, clock, random: () => 0,
      settle: (changes) => {
        waited.push(changes);
        return new Promise((resolve) => void clock.after(400, resolve));
      },
      pass: async () => {
        starts.push(clock.now());
        return { again: false };
      },
    });
    queue.offer(early("a"));
    await clock.pass(100);
    queue.offer(early("b"));
    await clock.pass(900);
    expect(waited).toEqual([[early("a")], [early("b")]]);
    expect(starts).toEqual([400, 800]);
    await queue.close();
  });

  it("looks once more later, and not for other events", async () => {
    const { clock, queue, passes } = started({ lookAgain: 2000 });
    queue.offer(gateway);
    await clock.pass(10_000);
    expect(passes).toHaveLength(1);
    queue.offer(early("a"));
    await clock.pass(10_000);
    expect(passes.map(({ at, cause }) => [at, cause.why])).toEqual([[0, "event"], [10_000, "event"], [12_000, "look-again"]]);
  });

  it("takes a pass that begins late enough for that look", async () => {
    const { clock, queue, starts } = started({ lookAgain: 2000 }, 1500);
    queue.offer(early("a"));
    await clock.pass(1000);
    queue.offer(gateway);
    await clock.pass(20_000);
    // The pass at 1,500 is too early, the one after it is due at 2,000 and begins when that one has ended.
    expect(starts()).toEqual([0, 1500, 3000]);
  });
});

describe("closing", () => {
  it("waits for the running pass, and begins no other", async () => {
    const { clock, queue, starts } = started({ resync: 1000 }, 500, () => ({ again: true }));
    queue.request();
    await clock.pass(10);
    queue.request();
    let isClosed = false;
    const closing = queue.close().then(() => (isClosed = true));
    await clock.pass(400);
    expect(isClosed).toBe(false);
    await clock.pass(200);
    await closing;
    queue.request();
    queue.offer(gateway);
    await clock.pass(100_000);
    expect(starts()).toEqual([0]);
    expect(clock.next()).toBe(Infinity);
  });

  it("does not wait for changes to be seen", async () => {
    const { clock, queue, starts } = started({ settle: (_changes, signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve())) });
    queue.offer(early("a"));
    await clock.pass(10);
    await queue.close();
    expect(starts()).toEqual([]);
  });
});
