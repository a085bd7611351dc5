import type { KubeClient } from "../kube/client.ts";
import { discover, type Served } from "../state/live/discovery.ts";
import type { LiveState } from "../state/live/load.ts";
import { type Change, isAboutKinds } from "./change.ts";
import { createQueue, type PassCause, type PassResult, type QueueOptions } from "./queue.ts";
import { type Refs, refsAfterPartialLoad, refsOf } from "./refs.ts";
import { isRelevant, type RelevanceSettings } from "./relevance.ts";
import { createSeen, rememberStatusWrites } from "./seen.ts";
import { createServedCache } from "./served-cache.ts";
import { untilVisible, type WaitOptions } from "./visible.ts";
import { targetsOf } from "./watch/targets.ts";
import { createWatchBridge, type WatchBridgeOptions } from "./watch-bridge.ts";

export interface ClusterEventsOptions {
  readonly client: KubeClient;
  readonly settings: RelevanceSettings;
  readonly pass: (cause: PassCause) => Promise<PassResult>;
  readonly queue: Pick<QueueOptions, "throttle" | "resync" | "retry" | "lookAgain" | "onRequest" | "clock" | "random">;
  /** Absent: no watches; events come from elsewhere, through `offer`. */
  readonly watch?: Pick<WatchBridgeOptions, "onTrouble" | "stall" | "retry" | "clock" | "random"> & {
    /** Where what watches ask for is to be told from what passes do. */
    readonly client?: KubeClient;
  };
  /** Told of an announced write that may not be looked at: nobody waits for it then, and the next look sees it. */
  readonly onRefused?: WaitOptions["onRefused"];
  /** What an earlier process found, until the first pass has loaded. */
  readonly refs?: Refs | undefined;
}

/** Events of one cluster behind an API server, from its watches and from others, to passes (DESIGN.md 2, 4.4). */
export interface ClusterEvents {
  /** For the passes: what they write is not taken for news. */
  readonly client: KubeClient;
  /** For the passes: which kinds are served, looked up when that may have changed and at every resync. */
  discover(): Promise<Served>;
  /** To be told of every load, as soon as it is there. */
  loaded(live: LiveState): void;
  /** What decides which events matter; undefined until a load was complete. */
  refs(): Refs | undefined;
  offer(change: Change): void;
  request(): void;
  /** Begins to watch, and asks for the first pass when nothing after it can be missed. */
  start(): Promise<void>;
  /** Ends when the running pass has ended. */
  close(): Promise<void>;
}

export function createClusterEvents(options: ClusterEventsOptions): ClusterEvents {
  const { client, settings, onRefused } = options;
  const seen = createSeen();
  const served = createServedCache(() => discover(client));
  let known = options.refs;
  let kinds: Served = new Map();

  const queue = createQueue({
    ...options.queue,
    pass(cause) {
      if (cause.why === "resync" || cause.why === "look-again") served.forget();
      return options.pass(cause);
    },
    matters: (change) => isRelevant(change, known, settings) && !seen.has(change),
    settle: (changes, signal) => untilVisible(client, changes, { signal, ...(options.queue.clock ? { clock: options.queue.clock } : {}), ...(onRefused ? { onRefused } : {}) }),
  });

  function offer(change: Change): void {
    if (isAboutKinds(change)) served.forget();
    queue.offer(change);
  }

  const bridge = options.watch && createWatchBridge({ client, ...options.watch, onChange: offer });

  return {
    client: rememberStatusWrites(client, seen),
    async discover() {
      kinds = await served.get();
      return kinds;
    },
    loaded({ state, references, unread }) {
      const found = refsOf(state, references, settings.controllerName);
      seen.loaded(state, unread.length === 0);
      known = unread.length === 0 ? found : refsAfterPartialLoad(known, found);
      void bridge?.follow(targetsOf(kinds, known?.references ?? references, settings));
    },
    refs: () => known,
    offer,
    request: queue.request,
    async start() {
      // Without an answer the first pass fails and says why; its successor brings what to watch.
      kinds = await served.get().catch(() => kinds);
      await bridge?.follow(targetsOf(kinds, known?.references, settings), true);
      queue.request();
    },
    async close() {
      await Promise.all([queue.close(), bridge?.close()]);
    },
  };
}
