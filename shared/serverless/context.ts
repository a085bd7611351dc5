import { parseSettings, type Settings } from "../settings.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { Cloud } from "./cloud.ts";
import { type ClusterList, openClusterList } from "./cluster-list.ts";
import { createFunctionLog, type FunctionLog } from "./log.ts";

/** What every function has from its first call on. */
export interface Context {
  readonly cloud: Cloud;
  readonly settings: Settings;
  readonly store: ObjectStore;
  readonly clusters: ClusterList;
  readonly log: FunctionLog;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Reads the environment. Nothing is asked yet.
 * @throws {SettingsError} @throws {InvalidClusters} @throws {InvalidStoreUrl}
 */
export function openContext(cloud: Cloud, now: () => number = Date.now): Context {
  const settings = parseSettings({}, cloud.env);
  const store = cloud.openStore(settings.store);
  const log = createFunctionLog(settings.logLevel);
  return { cloud, settings, store, clusters: openClusterList({ settings, store, log, now }), log, now };
}
