import type { ObjectStore } from "../store/object-store.ts";
import { readIndex } from "./published-index.ts";

/**
 * Whether what is published under this name is another cluster's: publishing will be refused then (DESIGN.md 2), and whoever
 * writes something else for it asks before.
 * @param clusterUid of the cluster that was read; undefined: not known
 * @throws {CorruptIndex} @throws {StoreError}
 */
export async function isOtherCluster(store: ObjectStore, cluster: string, clusterUid: string | undefined): Promise<boolean> {
  if (clusterUid === undefined) return false;
  const read = await readIndex(store, cluster);
  const published = read.status === "found" ? read.index.clusterUid : undefined;
  return published !== undefined && published !== clusterUid;
}
