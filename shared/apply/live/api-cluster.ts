import type { KubeClient } from "../../kube/client.ts";
import type { KubeObject } from "../../resources/meta.ts";
import { clusterState } from "../../state/cluster-state.ts";
import type { Served } from "../../state/live/discovery.ts";
import { createLoadCache } from "../../state/live/load-cache.ts";
import { loadLive, type LiveState, type LoadOptions } from "../../state/live/load.ts";
import { type Cluster, ClusterError, unguarded } from "../cluster.ts";
import { objectKey } from "../ownership.ts";
import { toClusterError } from "./cluster-error.ts";
import { liveObject, liveObjects } from "./live-objects.ts";
import { removeObject } from "./remove-object.ts";
import { createRequests } from "./requests.ts";
import { createSettled } from "./settled.ts";
import { createUnchanged } from "./unchanged.ts";
import { writeObject } from "./write-object.ts";
import { writeStatus } from "./write-status.ts";

export interface ApiClusterOptions extends Omit<LoadOptions, "knownKinds" | "knownObjects"> {
  readonly client: KubeClient;
  /** Which kinds the cluster serves; may be cached by the caller. */
  readonly discover: () => Promise<Served>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Writes are judged by the server and not kept. */
  readonly dryRun?: boolean;
  /** Kinds that were there at the last load, of this process or of another one; undefined: none that anybody else knows of. */
  readonly knownKinds?: () => Promise<readonly string[] | undefined>;
  /** Told what a load found, for the relevance of events. @param permit awaited before anything is written */
  readonly onLoad?: (live: LiveState, permit: () => Promise<void>) => void | Promise<void>;
}

/**
 * A cluster behind an API server: server-side apply with one field manager, statuses with optimistic concurrency (I25).
 * Every write to what is there already is to the version that the last `load` read.
 */
export function createApiCluster(options: ApiClusterOptions): Cluster {
  const { client, dryRun = false } = options;
  const settled = createSettled();
  const unchanged = createUnchanged();
  const cache = createLoadCache();
  let live: Pick<LiveState, "state" | "raw"> = { state: clusterState([]), raw: new Map() };
  let made: ReadonlyMap<string, KubeObject> = new Map();
  let ownKinds: readonly string[] = [];
  let knownObjects: readonly string[] = [];
  let beforeWrite = unguarded;
  const requests = createRequests({ client, dryRun, permit: () => beforeWrite(), controllerName: options.controllerName });

  /** No field lost and none added, at the version that is served. */
  function asSent(object: KubeObject | undefined): KubeObject | undefined {
    return object && ((live.raw.get(object) ?? object) as KubeObject);
  }

  return {
    load: (guard = unguarded) =>
      guarded(async () => {
        beforeWrite = guard;
        const [served, knownKinds = ownKinds] = await Promise.all([options.discover(), options.knownKinds?.()]);
        const loaded = await loadLive(client, served, { ...options, knownKinds, knownObjects }, cache);
        ownKinds = loaded.kinds;
        live = loaded;
        made = liveObjects(loaded.state);
        knownObjects = [...made.keys()].filter((key) => /^(?:ConfigMap|Secret)\//.test(key));
        settled.keep(new Set(made.keys()));
        await options.onLoad?.(loaded, guard);
        const { state, problems, unread, clusterUid } = loaded;
        return { state, problems, unread, unknown: unread, garbage: [], clusterUid };
      }),
    write: (object, leave = false) => guarded(() => writeObject({ requests, settled, unchanged, dryRun, leave }, object, asSent(made.get(objectKey(object))))),
    writeStatus: (desired) =>
      guarded(async () => {
        const read = asSent(liveObject(live.state, desired));
        return read ? writeStatus({ requests, unchanged, now: options.now() }, desired, read) : { operation: "unchanged" };
      }),
    remove: (deletion) => guarded(() => removeObject(requests, deletion)),
  };
}

async function guarded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof ClusterError ? error : toClusterError(error);
  }
}
