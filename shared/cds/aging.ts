import type { Watcher } from "./watcher.ts";

/** Bounds of the time that a connection may last, in milliseconds: each gets one at random in between, so that those that came together do not leave together. */
export interface Age {
  readonly least: number;
  readonly most: number;
}

/** How often is looked for old connections, in milliseconds. stunnerd comes back after a second anyway (spec/cds.md 5). */
const PERIOD = 1_000;

/** When a new connection ends, by `performance.now()`. @param random from 0 to 1 */
export function endOf(age: Age | undefined, now: number, random = Math.random()): number {
  return age === undefined ? Infinity : now + age.least + random * (age.most - age.least);
}

/** Calls `onOld` for every connection whose time is over. @returns how to stop */
export function startAging(watchers: Iterable<Watcher>, onOld: (watcher: Watcher) => void): () => void {
  const timer = setInterval(() => {
    const now = performance.now();
    for (const watcher of watchers) if (watcher.ends <= now) onOld(watcher);
  }, PERIOD);
  timer.unref();
  return () => clearInterval(timer);
}
