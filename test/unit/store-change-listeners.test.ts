import { expect, test } from "vitest";
import { createChangeListeners } from "../../shared/store/change-listeners.ts";

test("all listeners are told, after the present call stack", async () => {
  const listeners = createChangeListeners();
  const told: string[] = [];
  listeners.add((key) => void told.push(`1 ${key}`));
  listeners.add((key) => void told.push(`2 ${key}`));
  listeners.notify("a");
  expect(told).toEqual([]);
  await Promise.resolve();
  expect(told).toEqual(["1 a", "2 a"]);
});

test("a listener that was stopped in the meantime is not called any more", async () => {
  const listeners = createChangeListeners();
  const told: string[] = [];
  const stop = listeners.add((key) => void told.push(key));
  listeners.notify("a");
  stop();
  await Promise.resolve();
  expect(told).toEqual([]);
});

test("a function added twice is told twice, and stopped one by one", async () => {
  const listeners = createChangeListeners();
  const told: string[] = [];
  const listener = (key: string): void => void told.push(key);
  const stop = listeners.add(listener);
  listeners.add(listener);
  listeners.notify("a");
  await Promise.resolve();
  stop();
  stop();
  listeners.notify("b");
  await Promise.resolve();
  expect(told).toEqual(["a", "a", "b"]);
});
