import type { Keep, Kept } from "../reconcile/keep.ts";
import type { RenderOptions } from "../render/result.ts";
import type { LiveState } from "../state/live/load.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { createSnapshotStore } from "./snapshot-store.ts";
import { snapshotOf } from "./snapshot.ts";

export interface SnapshotKeeper {
  loaded(live: Pick<LiveState, "state" | "references">): void;
  readonly keep: Keep;
}

const NOTHING: Kept = { changes: [], problems: [] };

/**
 * Keeps the snapshot that writes are judged by at what the last load found.
 * @param cluster name of the cluster in the store
 * @param onError told of a store that does not take it; the pass goes on
 */
export function createSnapshotKeeper(store: ObjectStore, cluster: string, render: RenderOptions, onError: (error: unknown) => void): SnapshotKeeper {
  const snapshots = createSnapshotStore(store, cluster);
  let loaded: Pick<LiveState, "state" | "references"> | undefined;
  return {
    loaded(live) {
      loaded = live;
    },
    async keep(permit) {
      if (!loaded) return NOTHING;
      const snapshot = snapshotOf(loaded.state, loaded.references, render);
      const differs = await snapshots.differs(snapshot).catch((error: unknown) => {
        onError(error);
        return false;
      });
      // A pass that writes nothing takes no lease: that would be two writes to the store.
      if (!differs) return NOTHING;
      await permit();
      await snapshots.write(snapshot).catch(onError);
      return NOTHING;
    },
  };
}

/** Keeps one thing, then another. */
export function keepBoth(first: Keep | undefined, second: Keep): Keep {
  if (!first) return second;
  return async (permit) => {
    const one = await first(permit);
    const other = await second(permit);
    return { changes: [...one.changes, ...other.changes], problems: [...one.problems, ...other.problems] };
  };
}
