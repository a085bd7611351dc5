import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createAsker } from "../../shared/queue/asker.ts";
import { lookAgain } from "../../shared/queue/look.ts";
import { identityOf, LOOK_DELAY_S, type PassMessage, type PassQueue } from "../../shared/queue/pass-queue.ts";
import { askAfresh } from "../../shared/queue/resync.ts";
import { noteStart } from "../../shared/queue/start.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { PROPERTY_TIMEOUT } from "../support/property.ts";
import { holdsInTime } from "./publish-holds.ts";

interface World {
  readonly store: ObjectStore;
  readonly queue: PassQueue;
  readonly clock: { now: number };
  readonly accepted: PassMessage[];
  readonly looks: PassMessage[];
}

/** A store and a FIFO queue that take their time, in any order; the queue remembers every identity. */
function setUp(scheduler: fc.Scheduler): World {
  const inner = createMemoryStore();
  const clock = { now: 1_000_000 };
  const known = new Set<string>();
  const accepted: PassMessage[] = [];
  const looks: PassMessage[] = [];
  const slowly = async <T>(label: string, run: () => Promise<T>): Promise<T> => {
    await scheduler.schedule(Promise.resolve(), `${label} begins`);
    const result = await run();
    await scheduler.schedule(Promise.resolve(), `${label} is answered`);
    return result;
  };
  const store: ObjectStore = {
    ...inner,
    get: (...args) => slowly("get", () => inner.get(...args)),
    put: (...args) => slowly("put", () => inner.put(...args)),
  };
  const queue: PassQueue = {
    send: (message) => slowly("send", async () => {
      const identity = identityOf(message, clock.now);
      if (known.has(identity)) return;
      known.add(identity);
      (message.look === undefined ? accepted : looks).push(message);
    }),
  };
  return { store, queue, clock, accepted, looks };
}

const events = fc.array(fc.record({ instance: fc.nat(2), isEarly: fc.boolean() }), { minLength: 1, maxLength: 25 });

test("whatever the order: every change is seen, each start is followed by one message at the most", async () => {
  await holdsInTime<[fc.Scheduler, { instance: number; isEarly: boolean }[], number]>([fc.scheduler(), events, fc.nat(3)], async (scheduler, list, resyncs) => {
    const { store, queue, clock, accepted, looks } = setUp(scheduler);
    const stored = new Set<number>();
    const seen = new Set<number>();
    const late = new Set<number>();
    const passes: number[] = [];
    const askers = [0, 1, 2].map(() => createAsker({ store, queue, now: () => clock.now }));
    const asked = list.map(async ({ instance, isEarly }, index) => {
      await scheduler.schedule(Promise.resolve(), `event ${index}`);
      (isEarly ? late : stored).add(index);
      await askers[instance]?.ask("c", isEarly);
    });
    const fresh = Array.from({ length: resyncs }, async (_, index) => {
      await scheduler.schedule(Promise.resolve(), `resync ${index}`);
      await askAfresh("c", { store, queue, now: () => clock.now });
    });
    const pass = async (): Promise<void> => {
      passes.push((await noteStart(store, "c", clock.now)).number);
      for (const one of stored) seen.add(one);
      await scheduler.schedule(Promise.resolve(), "pass");
    };
    const done = Promise.all([...asked, ...fresh]);
    const received: PassMessage[] = [];
    const drain = async (): Promise<void> => {
      for (let message = accepted.shift(); message !== undefined; message = accepted.shift()) {
        received.push(message);
        await pass();
      }
    };
    // One consumer, which looks now and then, and once more at the end.
    const consumer = (async () => {
      for (let turn = 0; turn < 2 * list.length; turn += 1) {
        await scheduler.schedule(Promise.resolve(), "consumer");
        await drain();
      }
    })();
    await scheduler.waitFor(Promise.all([done, consumer]));
    await scheduler.waitFor(drain());
    expect([...stored].every((one) => seen.has(one))).toBe(true);
    // What was told of too early is stored within the delay of the second look.
    for (const one of late) stored.add(one);
    for (let look = looks.shift(); look !== undefined; look = looks.shift()) {
      clock.now += LOOK_DELAY_S * 1000;
      await scheduler.waitFor(lookAgain(look, { store, queue, now: () => clock.now }));
      await scheduler.waitFor(drain());
    }
    expect(seen.size).toBe(list.length);
    expect(new Set(received.map(({ start }) => start)).size).toBe(received.length);
    expect(passes).toEqual(passes.toSorted((a, b) => a - b));
    expect(new Set(passes).size).toBe(passes.length);
    const starts = new Set([0, ...passes]);
    expect(received.filter(({ start }) => !starts.has(start)).length).toBeLessThanOrEqual(resyncs);
  });
}, PROPERTY_TIMEOUT);
