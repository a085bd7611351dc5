import { type ClusterEntry, type Connect, InvalidClusters, parseClusters } from "../settings/clusters.ts";
import type { Settings } from "../settings.ts";
import { settingsOf } from "../settings/settings-of.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { FunctionLog } from "./log.ts";

/** A cluster, and the settings as they hold for it. */
export interface FunctionCluster {
  readonly name: string;
  readonly connect: Exclude<Connect, { readonly type: "directory" }>;
  readonly settings: Settings;
}

export interface ClusterList {
  /**
   * The clusters now, by name, in the order of the list; the very same object while nothing has changed.
   * @throws {InvalidClusters} @throws {StoreError} there has never been a list
   */
  read(): Promise<ReadonlyMap<string, FunctionCluster>>;
}

export interface ClusterListOptions {
  readonly settings: Settings;
  readonly store: ObjectStore;
  readonly log: FunctionLog;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const SETTING = "STUNNER_CLUSTERS";
/** The list in the store is looked at no more often. */
const LOOK_EVERY_MS = 15_000;

/**
 * STUNNER_CLUSTERS: the list itself, or the key in the store where it is, such as `settings/clusters.json`, which is followed.
 * A list that cannot be used or read any more leaves the one before.
 * @throws {InvalidClusters} of a list in the environment
 */
export function openClusterList({ settings, store, log, now }: ClusterListOptions): ClusterList {
  const text = settings.clusters.trim();
  if (text === "") throw new InvalidClusters(SETTING, ["give a JSON list of clusters, or the key in the store where it is"]);
  if (text.startsWith("[") || text.startsWith("{")) {
    const listed = clustersOf(text, SETTING, settings);
    return { read: async () => listed };
  }
  let known: ReadonlyMap<string, FunctionCluster> | undefined;
  let tag: string | undefined;
  let lookedAt = -Infinity;

  async function look(): Promise<void> {
    const found = await store.get(text, tag === undefined ? {} : { ifNoneMatch: tag });
    if (found.status === "absent") throw new InvalidClusters(SETTING, [`there is no ${text} in the store`]);
    if (found.status === "not-modified") return;
    known = clustersOf(Buffer.from(found.body).toString(), `${SETTING}=${text}`, settings);
    tag = found.etag;
  }

  return {
    async read() {
      if (known !== undefined && now() - lookedAt < LOOK_EVERY_MS) return known;
      try {
        await look();
      } catch (error) {
        if (known === undefined) throw error;
        log.warn("the list of clusters stays as it was", { err: error });
      }
      lookedAt = now();
      return known ?? new Map();
    },
  };
}

function clustersOf(text: string, setting: string, settings: Settings): ReadonlyMap<string, FunctionCluster> {
  return new Map(parseClusters(text, setting).map((entry) => [entry.name, clusterOf(entry, setting, settings)]));
}

function clusterOf(entry: ClusterEntry, setting: string, settings: Settings): FunctionCluster {
  const { name, connect } = entry;
  if (connect.type === "directory") throw new InvalidClusters(setting, [`cluster ${name}: connect.type: a function has no directories: accepted are kubeconfig, token, eks, gke`]);
  return { name, connect, settings: settingsOf(entry, settings) };
}
