import { setTimeout as sleep } from "node:timers/promises";

/** What something comes to, or undefined where that takes longer. It goes on, and how it ends then is for nobody. */
export async function within<T>(milliseconds: number, run: Promise<T>): Promise<T | undefined> {
  return Promise.race([run, sleep(milliseconds, undefined, { ref: false })]);
}
