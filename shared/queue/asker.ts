import type { ObjectStore } from "../store/object-store.ts";
import { type PassQueue, identityOf } from "./pass-queue.ts";
import { readStart, type Start } from "./start.ts";

/** Turns events into messages. */
export interface Asker {
  /**
   * Asks for a pass that begins after this call. Resolves once that is certain: a message is in the queue.
   * @param isEarly the change may not be stored yet: one more look, later
   * @throws {StoreError} @throws {CloudError}
   */
  ask(cluster: string, isEarly: boolean): Promise<void>;
}

export interface AskerOptions {
  readonly store: ObjectStore;
  readonly queue: PassQueue;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** So long, in milliseconds, what this process has sent need not be sent again: the services remember for minutes. */
const REMEMBERED = 30_000;

/**
 * Every event reads the start number after it came in, so that a message which it is folded into starts a pass that sees its
 * change. Events that wait for a read at the same time share the next one, never one that has begun.
 */
export function createAsker({ store, queue, now }: AskerOptions): Asker {
  const sharers = new Map<string, () => Promise<Start>>();
  const sent = new Map<string, { at: number; done: Promise<void> }>();

  const startOf = (cluster: string): Promise<Start> => {
    const known = sharers.get(cluster) ?? shareNext(() => readStart(store, cluster));
    sharers.set(cluster, known);
    return known();
  };

  async function sendOnce(cluster: string, start: number, look?: number): Promise<void> {
    const message = { cluster, start, ...(look === undefined ? {} : { look }) };
    const identity = identityOf(message, now());
    for (const [key, { at }] of sent) if (now() - at > REMEMBERED) sent.delete(key);
    const before = sent.get(identity);
    if (before !== undefined) return before.done;
    const done = queue.send(message);
    sent.set(identity, { at: now(), done });
    try {
      await done;
    } catch (error) {
      sent.delete(identity);
      throw error;
    }
  }

  return {
    async ask(cluster, isEarly) {
      const { number } = await startOf(cluster);
      await Promise.all([sendOnce(cluster, number), ...(isEarly ? [sendOnce(cluster, number, 0)] : [])]);
    },
  };
}

/** Who calls while one runs waits for the one after it, together with the others who do. */
function shareNext<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;

  function begin(): Promise<T> {
    const mine = run().finally(() => {
      if (running === mine) running = undefined;
    });
    running = mine;
    return mine;
  }

  return () => {
    if (running === undefined) return begin();
    next ??= running.then(() => undefined, () => undefined).then(() => {
      next = undefined;
      return begin();
    });
    return next;
  };
}
