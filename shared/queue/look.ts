import type { ObjectStore } from "../store/object-store.ts";
import { LOOK_DELAY_S, type PassMessage, type PassQueue } from "./pass-queue.ts";
import { readStart } from "./start.ts";

/** A second look that finds no pass begun is put off so often, and then asks for one all the same. */
const MOST_DELAYS = 10;

export interface LookOptions {
  readonly store: ObjectStore;
  readonly queue: PassQueue;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * What becomes of a second look when its time has come. The events that it stands for came before the pass after
 * `start` began: once that is LOOK_DELAY_S ago, a further pass sees what they told of. Before, the
 * look is put off again. It never passes itself: it asks, so that what else is asked for is folded in.
 * @throws {StoreError} @throws {CloudError}
 */
export async function lookAgain({ cluster, start, look = 0 }: PassMessage, { store, queue, now }: LookOptions): Promise<"asked" | "put off"> {
  const last = await readStart(store, cluster);
  const isDue = last.number > start && now() - last.at >= LOOK_DELAY_S * 1000;
  const isOver = look >= MOST_DELAYS;
  await queue.send(isDue || isOver ? { cluster, start: last.number } : { cluster, start, look: look + 1 });
  return isDue || isOver ? "asked" : "put off";
}
