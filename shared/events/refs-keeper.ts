import { isOtherCluster } from "../cds/other-cluster.ts";
import type { LiveState } from "../state/live/load.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { createRefsStore, type StoredRefs } from "./refs-store.ts";
import { refsAfterPartialLoad, refsOf } from "./refs.ts";

export interface RefsKeeperOptions {
  readonly store: ObjectStore;
  /** Name of the cluster in the store. */
  readonly cluster: string;
  readonly controllerName: string;
  /** Told of a store that does not take it; the pass goes on. */
  readonly onError: (error: unknown) => void;
}

/** Keeps what one pass leaves to events and to the passes after it, whichever process makes them. */
export interface RefsKeeper {
  /**
   * For a load: kinds that were there at the last one; undefined where nothing is known.
   * @throws {StoreError} not read is not absent (DESIGN.md 2)
   */
  readonly knownKinds: () => Promise<readonly string[] | undefined>;
  /**
   * To be told of that load.
   * @param permit the lease of the pass; where it rejects, nothing is written, and that is what this rejects with
   * @throws {StoreError} @throws {CorruptIndex}
   */
  loaded(live: LiveState, permit: () => Promise<void>): Promise<void>;
}

/** A pass that finds nothing new writes nothing and needs no lease. */
export function createRefsKeeper({ store, cluster, controllerName, onError }: RefsKeeperOptions): RefsKeeper {
  const refs = createRefsStore(store, cluster);
  let before: StoredRefs | undefined;

  return {
    async knownKinds() {
      before = await refs.read();
      return before?.kinds;
    },
    async loaded(live, permit) {
      const found = refsOf(live.state, live.references, controllerName);
      const now = { refs: live.unread.length === 0 ? found : refsAfterPartialLoad(before?.refs, found), kinds: live.kinds };
      if (!refs.differs(now) || (await isOtherCluster(store, cluster, live.clusterUid))) return;
      await permit();
      await refs.write(now).catch(onError);
    },
  };
}
