import { setTimeout as sleep } from "node:timers/promises";
import { type Follower, followIndex } from "../../shared/cds/follow.ts";
import type { CdsGuard } from "../../shared/cds/guard.ts";
import type { Age } from "../../shared/cds/aging.ts";
import { type Cds, createCds } from "../../shared/cds/server.ts";
import type { Context } from "../../shared/serverless/context.ts";
import { within } from "../../shared/serverless/within.ts";

export interface WatchedCluster {
  readonly cds: Cds;
  /** Looks at the store, unless that was a moment ago. What is served already is not kept waiting for a store that is slow. */
  refresh(): Promise<void>;
  /** To be called after every upgrade: looks again and again until nobody watches any more. */
  follow(): void;
  close(): Promise<void>;
}

export interface WatchedOptions {
  readonly name: string;
  readonly prefix: string;
  readonly pollSeconds: number;
  readonly age: Age;
  readonly watchersPerToken: number;
  readonly guard: (source: Follower) => CdsGuard;
  /** Called with every look while somebody watches. */
  readonly onLook: () => Promise<unknown>;
}

/** So long a look is good for, and so often is looked while somebody watches and something has changed, in milliseconds. */
const LOOK_EVERY_MS = 1_000;
/** While nothing changes: looking is what costs. */
const QUIET_MS = 3_000;
/** After a change there is often another. */
const RECENT_MS = 120_000;
const PATIENCE_MS = 2_000;

/** CDS of one cluster in one instance. Without watchers nothing runs between requests: the platform gives no CPU then. */
export function createWatchedCluster({ store, log, now }: Context, options: WatchedOptions): WatchedCluster {
  const { name, prefix, pollSeconds, age, watchersPerToken, onLook } = options;
  const onError = (err: unknown): void => log.warn("the store cannot be followed; what was served is still served", { cluster: name, err });
  const source = followIndex(store, name, { onError });
  const tell = { debug: (fields: Readonly<Record<string, unknown>>, message: string): void => log.debug(message, { cluster: name, ...fields }) };
  const cds = createCds({ source, prefix, pollSeconds, guard: options.guard(source), limits: { age, watchersPerToken }, log: tell });
  let looking: Promise<void> | undefined;
  let lookedAt = -Infinity;
  let changedAt = -Infinity;
  let following = false;
  source.subscribe(() => {
    changedAt = now();
  });

  function look(): Promise<void> {
    looking ??= source.refresh().finally(() => {
      looking = undefined;
      lookedAt = now();
    });
    return looking;
  }

  return {
    cds,
    async refresh() {
      if (now() - lookedAt < LOOK_EVERY_MS && source.ready) return;
      const looked = look();
      await (source.ready ? within(PATIENCE_MS, looked) : looked);
    },
    follow() {
      if (following) return;
      following = true;
      void (async () => {
        while (cds.stats().watchers > 0) {
          await sleep(now() - changedAt < RECENT_MS ? LOOK_EVERY_MS : QUIET_MS, undefined, { ref: false });
          await Promise.allSettled([look(), onLook()]);
        }
        following = false;
      })();
    },
    async close() {
      await cds.close();
      source.stop();
    },
  };
}
