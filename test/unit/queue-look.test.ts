import { describe, expect, it, vi } from "vitest";
import { createAsker } from "../../shared/queue/asker.ts";
import { lookAgain } from "../../shared/queue/look.ts";
import type { PassMessage, PassQueue } from "../../shared/queue/pass-queue.ts";
import { askAfresh } from "../../shared/queue/resync.ts";
import { noteStart, readStart, startKey } from "../../shared/queue/start.ts";
import { PreconditionFailed } from "../../shared/store/errors.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";

function setUp() {
  const store = createMemoryStore();
  const clock = { now: 100_000 };
  const sent: PassMessage[] = [];
  const failing = { is: false };
  const queue: PassQueue = {
    async send(message) {
      if (failing.is) throw new Error("no queue");
      sent.push(message);
    },
  };
  return { store, clock, sent, failing, ports: { store, queue, now: () => clock.now } };
}

describe("a second look", () => {
  it("is put off while no pass has begun after its events, and until that is five seconds ago", async () => {
    const { store, clock, sent, ports } = setUp();
    const { number } = await noteStart(store, "c", clock.now);
    clock.now += 60_000;
    await expect(lookAgain({ cluster: "c", start: number, look: 0 }, ports)).resolves.toBe("put off");
    expect(sent.pop()).toEqual({ cluster: "c", start: number, look: 1 });
    const after = await noteStart(store, "c", clock.now);
    clock.now += 4_999;
    await expect(lookAgain({ cluster: "c", start: number, look: 1 }, ports)).resolves.toBe("put off");
    expect(sent.pop()).toEqual({ cluster: "c", start: number, look: 2 });
    clock.now += 1;
    await expect(lookAgain({ cluster: "c", start: number, look: 2 }, ports)).resolves.toBe("asked");
    expect(sent).toEqual([{ cluster: "c", start: after.number }]);
  });

  it("that finds none again and again asks all the same", async () => {
    const { sent, ports } = setUp();
    await expect(lookAgain({ cluster: "c", start: 0, look: 10 }, ports)).resolves.toBe("asked");
    expect(sent).toEqual([{ cluster: "c", start: 0 }]);
  });
});

describe("start numbers", () => {
  it("grow, also where the clock goes back, and are never what they were before a store was lost", async () => {
    const { store } = setUp();
    const numbers: number[] = [];
    for (const now of [5000, 4000, 4000, 9000]) numbers.push((await noteStart(store, "c", now)).number);
    expect(numbers).toEqual([5000, 5001, 5002, 9000]);
    await store.delete(startKey("c"));
    await expect(readStart(store, "c")).resolves.toEqual({ number: 0, at: 0 });
    await expect(noteStart(store, "c", 10_000)).resolves.toEqual({ number: 10_000, at: 10_000 });
  });

  it("are different for passes that begin together, and start anew from what cannot be read", async () => {
    const { store } = setUp();
    const all = await Promise.all([1, 2, 3].map(() => noteStart(store, "c", 5000)));
    expect(all.map(({ number }) => number).toSorted()).toEqual([5000, 5001, 5002]);
    await store.put(startKey("c"), Buffer.from("{"));
    await expect(noteStart(store, "c", 7000)).resolves.toMatchObject({ number: 7000 });
  });

  it("are not taken for ever where others are always faster", async () => {
    const { store } = setUp();
    let puts = 0;
    const contended = { ...store, put: async () => Promise.reject(new PreconditionFailed(`put ${(puts += 1)}`)) };
    await expect(noteStart(contended, "c", 1)).rejects.toBeInstanceOf(PreconditionFailed);
    expect(puts).toBe(10);
  });

  it("are new with every resync, so that what was given up holds up nobody", async () => {
    const { clock, sent, ports } = setUp();
    await askAfresh("c", ports);
    clock.now += 300_000;
    await askAfresh("c", ports);
    expect(sent.map(({ start }) => start)).toEqual([100_000, 400_000]);
  });
});

describe("asking for a pass", () => {
  it("is not repeated by the same process for a while, and is where it failed", async () => {
    const { store, clock, sent, failing, ports } = setUp();
    const { number } = await noteStart(store, "c", clock.now);
    const { ask } = createAsker(ports);
    failing.is = true;
    await expect(ask("c", false)).rejects.toThrow("no queue");
    failing.is = false;
    for (let event = 0; event < 5; event += 1) await ask("c", event === 3);
    expect(sent).toEqual([{ cluster: "c", start: number }, { cluster: "c", start: number, look: 0 }]);
    clock.now += 30_001;
    await ask("c", false);
    expect(sent).toHaveLength(3);
  });

  it("never goes by a read that had begun before the event came", async () => {
    const { store, clock, sent, ports } = setUp();
    const before = await noteStart(store, "c", clock.now);
    const answers: (() => void)[] = [];
    const slow = {
      ...store,
      async get(key: string) {
        const found = await store.get(key);
        await new Promise<void>((resolve) => void answers.push(resolve));
        return found;
      },
    };
    const { ask } = createAsker({ ...ports, store: slow });
    const first = ask("c", false);
    await vi.waitUntil(() => answers.length === 1);
    // A pass begins and loads; what comes now it does not see.
    const after = await noteStart(store, "c", clock.now);
    const rest = Promise.all([ask("c", false), ask("c", false), ask("c", false)]);
    answers[0]?.();
    await first;
    await vi.waitUntil(() => answers.length === 2);
    answers[1]?.();
    await rest;
    expect(sent).toEqual([{ cluster: "c", start: before.number }, { cluster: "c", start: after.number }]);
  });

  it("fails where the store cannot be read, and not for ever", async () => {
    const { store, sent, ports } = setUp();
    let isBroken = true;
    const broken = { ...store, get: (key: string) => (isBroken ? Promise.reject(new Error("no store")) : store.get(key)) };
    const { ask } = createAsker({ ...ports, store: broken });
    const results = await Promise.allSettled([ask("c", false), ask("c", false), ask("c", false)]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    isBroken = false;
    await ask("c", false);
    expect(sent).toHaveLength(1);
  });
});
