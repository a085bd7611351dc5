import { setTimeout as sleep } from "node:timers/promises";
import { identityOf, LOOK_DELAY_S, type PassMessage } from "../../shared/queue/pass-queue.ts";
import type { Cloud } from "../../shared/serverless/cloud.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { LOAD } from "./fleet-load.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import type { Counter } from "./fleet-counts.ts";

/** Milliseconds that each operation takes on its way. */
export interface Delays {
  readonly store: number;
  readonly queue: number;
}

export interface FleetCloud {
  readonly cloud: Cloud;
  /** What the secret with the keys holds from now on. */
  rotate(keys: string): void;
  /** The message that is due next, of a cluster of which none is worked on. Times in milliseconds since the epoch. */
  next(now: number): Waiting | undefined;
  /** What is worked on is done. */
  done(cluster: string): void;
  /** When the next one is due; undefined: none waits. */
  dueAt(): number | undefined;
}

export interface Waiting {
  readonly message: PassMessage;
  readonly due: number;
}

/** SQS remembers identities for so long (docs/decisions/0012). */
const REMEMBERED_MS = 5 * 60_000;
/** A store lists so many keys at a time. */
const PAGE = 1000;
/** The key of tokens, at first. */
export const KEY = Buffer.alloc(32, 7).toString("base64");

/** A cloud in memory that counts. Its queue does what SQS FIFO does: an identity once, one message of a cluster at a time. */
export function createFleetCloud(env: Readonly<Record<string, string>>, counter: Counter, delays: Delays, now: () => number): FleetCloud {
  const store = counting(createMemoryStore(), counter, delays.store);
  const known = new Map<string, number>();
  const busy = new Set<string>();
  let waiting: Waiting[] = [];
  let keys = KEY;
  const cloud: Cloud = {
    // Ten instances in one (LOAD.reconcilesAtOnce): each has room for as many clusters as come to it.
    env: { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(LOAD.reconcilesAtOnce * LOAD.memory.reconcile), STUNNER_STORE: "memory:", STUNNER_TOKEN_KEYS_SECRET: "keys", STUNNER_LOG_LEVEL: "info", ...env },
    async readSecret() {
      counter.add("secret read");
      return keys;
    },
    openStore: () => store,
    openQueue: () => ({
      async send(message) {
        if (delays.queue > 0) await sleep(delays.queue);
        counter.add("queue send");
        const identity = identityOf(message, now());
        for (const [key, at] of known) if (now() - at > REMEMBERED_MS) known.delete(key);
        if (known.has(identity)) return counter.add("queue folded");
        known.set(identity, now());
        const due = message.look === undefined ? now() : now() + LOOK_DELAY_S * 1000;
        waiting = [...waiting, { message, due }].sort((a, b) => a.due - b.due);
      },
    }),
  };
  return {
    cloud,
    rotate: (given) => void (keys = given),
    next(at) {
      const index = waiting.findIndex(({ due, message }) => due <= at && !busy.has(message.cluster));
      const [found] = index < 0 ? [] : waiting.splice(index, 1);
      if (found) {
        busy.add(found.message.cluster);
        counter.add("queue delivered");
      }
      return found;
    },
    done: (cluster) => void busy.delete(cluster),
    dueAt: () => waiting[0]?.due,
  };
}

function counting(store: ObjectStore, counter: Counter, delay: number): ObjectStore {
  const onTheWay = async (): Promise<void> => {
    if (delay > 0) await sleep(delay);
  };
  return {
    async get(key, options) {
      await onTheWay();
      const found = await store.get(key, options);
      // The list of clusters is looked at by the clock, and not for each cluster.
      counter.add(key.startsWith("settings/") ? "settings get" : "store get");
      if (found.status === "found") counter.add("store get bytes", found.body.length);
      return found;
    },
    async put(key, body, options) {
      await onTheWay();
      counter.add("store put");
      counter.add("store put bytes", body.length);
      return store.put(key, body, options);
    },
    async delete(key, options) {
      await onTheWay();
      counter.add("store delete");
      await store.delete(key, options);
    },
    async list(prefix) {
      await onTheWay();
      const listed = await store.list(prefix);
      counter.add("store list", Math.max(1, Math.ceil(listed.length / PAGE)));
      return listed;
    },
  };
}
