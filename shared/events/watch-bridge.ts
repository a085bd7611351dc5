import type { KubeClient } from "../kube/client.ts";
import type { Change } from "./change.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { followTarget } from "./watch/follow-target.ts";
import type { Target } from "./watch/targets.ts";

/** All times are milliseconds. */
export interface WatchBridgeOptions {
  readonly client: KubeClient;
  readonly onChange: (change: Change) => void;
  /** Called once when a target cannot be watched, and with undefined when it can be again. */
  readonly onTrouble?: (target: Target, error: unknown) => void;
  /** So long without a line, a watch counts as dead; by default 90,000. */
  readonly stall?: number;
  /** Pause after a first failure, and at the most; by default 500 and 30,000. */
  readonly retry?: { readonly first: number; readonly longest: number };
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** Kubernetes watches as a source of events. */
export interface WatchBridge {
  /**
   * Watches exactly these from now on. Resolves when each has been listed, or could not be.
   * @param quiet whether only what changes after that is told, for whoever reads everything then; else of targets that
   * are new here everything that is there is told as well
   */
  follow(targets: readonly Target[], quiet?: boolean): Promise<void>;
  close(): Promise<void>;
}

export function createWatchBridge(options: WatchBridgeOptions): WatchBridge {
  const { client, onChange, onTrouble = () => undefined, stall = 90_000, retry = { first: 500, longest: 30_000 } } = options;
  const { clock = SYSTEM_CLOCK, random = Math.random } = options;
  const running = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>();
  let isClosed = false;

  function begin(target: Target, quiet: boolean): Promise<void> {
    const stop = new AbortController();
    const { promise: listed, resolve } = Promise.withResolvers<void>();
    const tell = (change: Change): void => {
      if (!stop.signal.aborted) onChange(change);
    };
    const ended = followTarget(target, { client, clock, random, stall, retry, quiet, onChange: tell, onTrouble }, stop.signal, resolve);
    running.set(target.id, { stop, ended });
    return listed;
  }

  return {
    async follow(targets, quiet = false) {
      if (isClosed) return;
      const wanted = new Set(targets.map(({ id }) => id));
      for (const [id, { stop }] of running) {
        if (wanted.has(id)) continue;
        stop.abort();
        running.delete(id);
      }
      const listed = targets.filter(({ id }) => !running.has(id)).map((target) => begin(target, quiet));
      await Promise.all(listed);
    },
    async close() {
      isClosed = true;
      const all = [...running.values()];
      for (const { stop } of all) stop.abort();
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}
