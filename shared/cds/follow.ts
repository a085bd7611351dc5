import type { ObjectStore } from "../store/object-store.ts";
import { changeBetween } from "./follow-change.ts";
import type { Served } from "./follow-change.ts";
import { createLook } from "./follow-look.ts";
import { createPoller } from "./follow-poller.ts";
import { keysOf } from "./published-keys.ts";
import type { ConfigSource, SourceChange } from "./source.ts";

const POLL_MS = 500;
const MAX_BACKOFF_MS = 30_000;

export interface FollowOptions {
  /** Milliseconds between two looks at the index; default 500. */
  readonly pollMs?: number | undefined;
  /** Told of everything that keeps the present state from being renewed. Must not throw. */
  readonly onError: (error: unknown) => void;
  /** Stops following. */
  readonly signal?: AbortSignal | undefined;
}

export interface Follower extends ConfigSource {
  /** Looks for the first time, then goes on. Resolves after that look, successful (`ready`) or not; never rejects. */
  start(): Promise<void>;
  /** Looks now; resolves when a look that began after the call is over, successful or not. */
  refresh(): Promise<void>;
  /** Nothing is emitted any more. */
  stop(): void;
}

/**
 * Serves what is published of a cluster and follows its index: polled with its entity tag, and looked at at once after
 * a write through the same store instance. A new state is shown as a whole, when all its config objects are loaded.
 * Whatever fails (store, index, an object), the state before stays, and `onError` is told.
 * @example
 * const source = followIndex(store, "default", { onError: (error) => log.warn(error) });
 * await source.start();
 */
export function followIndex(store: ObjectStore, cluster: string, options: FollowOptions): Follower {
  const { pollMs = POLL_MS, onError, signal } = options;
  const look = createLook(store, cluster);
  const listeners = new Set<{ readonly call: (change: SourceChange) => void }>();
  let served: Served = { entries: new Map(), nodes: new Map() };
  let ready = false;
  let stopped = false;
  let unsubscribe: (() => void) | undefined;

  const poller = createPoller(
    async () => {
      const { state, read, failures } = await look();
      if (stopped) return true;
      for (const failure of failures) onError(failure);
      if (read) show(state);
      return failures.length === 0;
    },
    { pollMs, maxBackoffMs: MAX_BACKOFF_MS },
  );

  function show(state: Served): void {
    const change = changeBetween(served, state);
    served = state;
    ready = true;
    if (change === undefined) return;
    for (const listener of listeners) {
      try {
        listener.call(change);
      } catch (error) {
        onError(error);
      }
    }
  }

  function stop(): void {
    stopped = true;
    poller.stop();
    unsubscribe?.();
    signal?.removeEventListener("abort", stop);
  }

  if (signal?.aborted === true) stop();
  else signal?.addEventListener("abort", stop);

  return {
    get ready() {
      return ready;
    },
    get entries() {
      return served.entries;
    },
    nodeAddress: (node) => served.nodes.get(node),
    subscribe(listener) {
      const entry = { call: listener };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    start() {
      const { index, nodes } = keysOf(cluster);
      if (!stopped) {
        unsubscribe ??= store.onChange?.((key) => {
          if (key === index || key === nodes) void poller.refresh();
        });
      }
      return poller.start();
    },
    refresh: () => poller.refresh(),
    stop,
  };
}
