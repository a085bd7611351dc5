import * as z from "zod/mini";
import { parseJson } from "../cloud/json.ts";
import { overRead } from "../store/condition.ts";
import { PreconditionFailed } from "../store/errors.ts";
import type { GetResult, ObjectStore } from "../store/object-store.ts";

/** Which pass over a cluster began last. */
export interface Start {
  /** Grows with every pass; 0: none has begun. */
  readonly number: number;
  /** Milliseconds since the epoch, by the clock of that pass; 0 with number 0. */
  readonly at: number;
}

const startSchema = z.object({ number: z.int().check(z.positive()), at: z.number() });
const NONE: Start = { number: 0, at: 0 };

/** `clusters/<cluster>/start.json` */
export function startKey(cluster: string): string {
  return `clusters/${cluster}/start.json`;
}

/** @throws {StoreError} */
export async function readStart(store: ObjectStore, cluster: string): Promise<Start> {
  return decode(await store.get(startKey(cluster)));
}

/**
 * Notes that a pass begins. To be called before it loads: whoever asks for a pass under an older number has told of a change
 * that this one sees (docs/decisions/0012). The number is at least the time, so that none comes twice though a store is lost.
 * @throws {StoreError}
 */
export async function noteStart(store: ObjectStore, cluster: string, now: number): Promise<Start> {
  for (let tries = 1; ; tries += 1) {
    const found = await store.get(startKey(cluster));
    const next: Start = { number: Math.max(decode(found).number + 1, Math.floor(now)), at: now };
    try {
      await store.put(startKey(cluster), Buffer.from(JSON.stringify(next)), overRead(found.status === "found" ? found.etag : undefined));
      return next;
    } catch (error) {
      if (!(error instanceof PreconditionFailed) || tries >= TRIES) throw error;
    }
  }
}

/** Two passes of one cluster seldom begin at the same time: the queue hands out one message per cluster. */
const TRIES = 10;

function decode(found: GetResult): Start {
  const read = found.status === "found" ? startSchema.safeParse(parseJson(found.body)) : undefined;
  return read?.success ? read.data : NONE;
}
