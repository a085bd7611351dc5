import type { Judge } from "../admission/verdict.ts";
import type { Access } from "../access/access.ts";
import type { Change } from "../events/change.ts";
import { createRefsStore } from "../events/refs-store.ts";
import { isRelevant } from "../events/relevance.ts";
import type { FunctionCluster } from "./cluster-list.ts";
import type { Context } from "./context.ts";
import type { Judging } from "./judging.ts";
import { within } from "./within.ts";

/** What is known of a cluster whose events are taken, in one instance. */
export interface EventCluster {
  /**
   * Who judges writes, by what is known of the cluster now; undefined: they are not judged.
   * @throws {InvalidDelivery}
   */
  judge(): Promise<Judge | undefined>;
  /** Those of the changes that a pass might do something about. Where the store cannot be read, that is all of them. */
  relevant(changes: readonly Change[]): Promise<readonly Change[]>;
}

/** Between calls nothing is looked at: what an instance knows is good for so long. */
const LOOK_EVERY_MS = 2_000;
/**
 * So long a write waits for a look: a store answers within some ten milliseconds, and an API server gives up after a second,
 * which is for the rest as well. What comes later is known to the next write; this one is judged by what was known before.
 */
const PATIENCE_MS = 200;

export function openEventCluster(cluster: FunctionCluster, access: Access, context: Context): EventCluster {
  const { name, settings } = cluster;
  const { store, now } = context;
  const refs = createRefsStore(store, name);
  let judging: Judging | undefined;
  let lookedAt = -Infinity;

  return {
    async judge() {
      if (settings.admission === "off") return undefined;
      // The renderer is large, and only those who install the webhook need it.
      const { openJudging } = await import("./judging.ts");
      judging ??= openJudging(cluster, access, context);
      if (now() - lookedAt >= LOOK_EVERY_MS) {
        lookedAt = now();
        await within(PATIENCE_MS, judging.look());
      }
      return judging.judge;
    },
    async relevant(changes) {
      if (changes.length === 0) return [];
      const known = await refs.read().catch(() => undefined);
      return changes.filter((change) => isRelevant(change, known?.refs, settings));
    },
  };
}
