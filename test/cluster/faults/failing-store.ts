import { setTimeout as delay } from "node:timers/promises";
import { StoreUnavailable } from "../../../shared/store/errors.ts";
import type { ObjectStore } from "../../../shared/store/object-store.ts";

/** What becomes of a request to the store. */
export type StoreFault =
  /** Refused at once, not carried out. */
  | "fail"
  /** Carried out, and the answer lost. */
  | "lost"
  /** Not carried out; a driver gives up after a while. */
  | "hang"
  /** As `hang`, and the store carries it out when nobody waits any more. */
  | "late";

export interface FailingStore {
  readonly store: ObjectStore;
  /** Every request so far: `put clusters/test/index.json`. */
  readonly asked: string[];
  /** Decides from now on; undefined lets a request through. */
  spoil(decide: (asked: string) => StoreFault | undefined): void;
  /** Resolves when nothing is under way that nobody waits for. */
  quiet(): Promise<void>;
}

/** Milliseconds: of a driver until it gives up, and of the store after that. */
const PATIENCE = 50;
const LATE = 20;

/** A store in front of another one that fails as real stores do. What it lets through, the other one does. */
export function createFailingStore(inner: ObjectStore): FailingStore {
  const asked: string[] = [];
  const late = new Set<Promise<unknown>>();
  let decide: (asked: string) => StoreFault | undefined = letThrough;

  async function through<T>(what: string, act: () => Promise<T>): Promise<T> {
    asked.push(what);
    const fault = decide(what);
    if (fault === undefined) return act();
    if (fault === "lost") await act();
    if (fault === "hang" || fault === "late") await delay(PATIENCE);
    if (fault === "late") {
      const done = delay(LATE).then(act).catch(() => undefined).finally(() => late.delete(done));
      late.add(done);
    }
    throw new StoreUnavailable(`${what}: ${fault}`, { retryable: true, cause: undefined });
  }

  return {
    asked,
    spoil(next) {
      decide = next;
    },
    quiet: async () => void (await Promise.all(late)),
    store: {
      ...inner,
      get: (key, ...rest) => through(`get ${key}`, () => inner.get(key, ...rest)),
      put: (key, ...rest) => through(`put ${key}`, () => inner.put(key, ...rest)),
      delete: (key, ...rest) => through(`delete ${key}`, () => inner.delete(key, ...rest)),
      list: (prefix) => through(`list ${prefix}`, () => inner.list(prefix)),
    },
  };
}

function letThrough(): undefined {}
