import type { ObjectStore } from "../store/object-store.ts";
import type { Served } from "./follow-change.ts";
import { CorruptNodes, DamagedConfigs, IndexGone, OlderIndex } from "./publish-errors.ts";
import { keysOf } from "./published-keys.ts";
import { readNodes } from "./published-nodes.ts";
import { readPublished } from "./read-published.ts";
import type { ConfigEntry } from "./source.ts";

export interface Look {
  /** The newest state known. */
  readonly state: Served;
  /** Whether the store has been read, now or before. */
  readonly read: boolean;
  /** What could not be renewed. */
  readonly failures: readonly unknown[];
}

/**
 * Looks at what is published of a cluster, again and again. What cannot be read, or is older, or not complete, leaves
 * the state as it was; so does an index that is gone.
 * @returns never rejects; one call at a time
 */
export function createLook(store: ObjectStore, cluster: string): () => Promise<Look> {
  let entries: ReadonlyMap<string, ConfigEntry> = new Map();
  let nodes: ReadonlyMap<string, string> = new Map();
  /** Loaded of a state that is not complete yet. */
  let partial: ReadonlyMap<string, ConfigEntry> | undefined;
  let generation: number | undefined;
  let indexTag: string | undefined;
  let nodesTag: string | undefined;
  let read = false;

  async function lookAtConfigs(): Promise<void> {
    const { index: key } = keysOf(cluster);
    const found = await readPublished(store, cluster, partial ?? entries, indexTag);
    if (found.status === "not-modified") return;
    if (found.status === "absent") {
      if (generation !== undefined) throw new IndexGone(key);
      return;
    }
    if (generation !== undefined && found.index.generation < generation) {
      throw new OlderIndex(key, found.index.generation, generation);
    }
    partial = found.entries;
    if (found.damaged.size > 0) throw new DamagedConfigs([...found.damaged.values()]);
    ({ entries } = found);
    partial = undefined;
    ({ generation } = found.index);
    indexTag = found.etag;
  }

  async function lookAtNodes(): Promise<void> {
    const found = await readNodes(store, cluster, nodesTag);
    if (found.status !== "found") return;
    ({ nodes } = found);
    nodesTag = found.etag;
  }

  return async () => {
    const results = await Promise.allSettled([lookAtConfigs(), lookAtNodes()]);
    const failures: unknown[] = results.filter((result) => result.status === "rejected").map(({ reason }) => reason);
    // A table of nodes that makes no sense must not keep the configs from being served.
    read ||= failures.every((failure) => failure instanceof CorruptNodes);
    return { state: { entries, nodes }, read, failures };
  };
}
