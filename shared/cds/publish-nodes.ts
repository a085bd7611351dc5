import { PreconditionFailed } from "../store/errors.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { Contended } from "./publish-errors.ts";
import { keysOf } from "./published-keys.ts";
import { serializeNodes } from "./published-nodes.ts";

const ATTEMPTS = 16;

/**
 * Publishes the external addresses of nodes (spec/cds.md 7), if they changed.
 * @param nodes IP address by node name
 * @returns whether anything was written
 * @throws {Contended} lost the race too often
 * @throws {StoreError}
 */
export async function publishNodes(store: ObjectStore, cluster: string, nodes: ReadonlyMap<string, string>): Promise<boolean> {
  const key = keysOf(cluster).nodes;
  const body = serializeNodes(nodes);
  for (let attempt = 1; ; attempt += 1) {
    const present = await store.get(key);
    if (present.status === "absent" && nodes.size === 0) return false;
    if (present.status === "found" && body.equals(present.body)) return false;
    try {
      await store.put(key, body, present.status === "found" ? { ifMatch: present.etag } : { ifNoneMatch: "*" });
      return true;
    } catch (error) {
      if (!(error instanceof PreconditionFailed)) throw error;
      if (attempt === ATTEMPTS) throw new Contended(key, error);
    }
  }
}
