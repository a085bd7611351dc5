import { PreconditionFailed } from "../store/errors.ts";
import type { GetResult, ObjectStore } from "../store/object-store.ts";
import { replace } from "../store/replace.ts";
import { Contended } from "./publish-errors.ts";
import { keysOf } from "./published-keys.ts";
import { holdsNodes, serializeNodes } from "./published-nodes.ts";

/** As in a Publication. */
interface Fencing {
  readonly fence: () => Promise<number>;
  readonly anew: boolean;
}

const UNFENCED: Fencing = { fence: async () => 0, anew: false };

/**
 * Publishes the external addresses of nodes (spec/cds.md 7), if they changed.
 * @param nodes IP address by node name
 * @returns whether anything was written
 * @throws {Contended} lost the race too often
 * @throws {StoreError} and what `fence` rejects with
 */
export async function publishNodes(store: ObjectStore, cluster: string, nodes: ReadonlyMap<string, string>, { fence, anew } = UNFENCED): Promise<boolean> {
  const key = keysOf(cluster).nodes;
  const holds = (found: GetResult): boolean => (found.status === "found" ? holdsNodes(found.body, nodes) : nodes.size === 0);
  const present = await store.get(key);
  if (!anew && holds(present)) return false;
  const etag = present.status === "found" ? present.etag : undefined;
  try {
    return await replace(store, { key, etag, fence, body: (number) => serializeNodes(nodes, number), stays: holds });
  } catch (error) {
    throw error instanceof PreconditionFailed ? new Contended(key, error) : error;
  }
}
