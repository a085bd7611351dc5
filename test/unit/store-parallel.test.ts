import { expect, test } from "vitest";
import { inParallel } from "../../shared/store/parallel.ts";
import { createQueues } from "../../shared/store/queues.ts";

test("results come in the order of the items, at most `width` at a time", async () => {
  let running = 0;
  let most = 0;
  const results = await inParallel([5, 1, 4, 2, 3, 0], 2, async (item) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    running -= 1;
    return item * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30, 0]);
  expect(most).toBe(2);
  await expect(inParallel([], 2, async () => 1)).resolves.toEqual([]);
});

test("after a failure nothing new begins, and what is under way ends before the rejection", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const failing = inParallel([0, 1, 2, 3], 2, async (item) => {
    begun.push(item);
    if (item === 0) throw new Error("first");
    await new Promise(setImmediate);
    ended.push(item);
    throw new Error("second");
  });
  await expect(failing).rejects.toThrow("first");
  expect(begun).toEqual([0, 1]);
  expect(ended).toEqual([1]);
});

test("a failure that is undefined is a failure", async () => {
  // oxlint-disable-next-line prefer-promise-reject-errors, unicorn/no-useless-undefined
  await expect(inParallel([1], 1, () => Promise.reject(undefined))).rejects.toBeUndefined();
});

test("work on one key waits for earlier work, also for work that fails; other keys do not wait", async () => {
  const inTurn = createQueues();
  const log: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = inTurn("a", async () => {
    await promise;
    log.push("a1");
    throw new Error("a1 failed");
  });
  const second = inTurn("a", async () => void log.push("a2"));
  await inTurn("b", async () => void log.push("b1"));
  expect(log).toEqual(["b1"]);
  resolve();
  await expect(first).rejects.toThrow("a1 failed");
  await second;
  expect(log).toEqual(["b1", "a1", "a2"]);
});
