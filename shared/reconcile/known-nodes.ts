import { CorruptNodes } from "../cds/publish-errors.ts";
import { readNodes } from "../cds/published-nodes.ts";
import type { ObjectStore } from "../store/object-store.ts";

/**
 * The addresses of nodes that are published now; a table that cannot be understood is about to be written anew.
 * @throws {StoreError}
 */
export async function knownNodes(store: ObjectStore, cluster: string): Promise<ReadonlyMap<string, string>> {
  try {
    const found = await readNodes(store, cluster);
    return found.status === "found" ? found.nodes : new Map();
  } catch (error) {
    if (error instanceof CorruptNodes) return new Map();
    throw error;
  }
}
