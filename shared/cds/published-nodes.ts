import * as z from "zod/mini";
import type { ObjectStore } from "../store/object-store.ts";
import { CorruptNodes } from "./publish-errors.ts";
import { keysOf } from "./published-keys.ts";

const nodesSchema = z.record(z.string(), z.string());

/** Beside the addresses, and no name of a node: the number of the lease under which they were written. */
const FENCE = "#fence";

export type NodesRead =
  | { readonly status: "found"; readonly nodes: ReadonlyMap<string, string>; readonly etag: string }
  | { readonly status: "not-modified" }
  | { readonly status: "absent" };

/**
 * Reads the external addresses of nodes, by node name.
 * @param ifNoneMatch entity tag of the table that the caller has
 * @throws {CorruptNodes}
 * @throws {StoreError}
 */
export async function readNodes(store: ObjectStore, cluster: string, ifNoneMatch?: string): Promise<NodesRead> {
  const key = keysOf(cluster).nodes;
  const result = await store.get(key, ifNoneMatch === undefined ? {} : { ifNoneMatch });
  if (result.status !== "found") return result;
  try {
    return { status: "found", nodes: parseNodes(result.body), etag: result.etag };
  } catch (error) {
    throw new CorruptNodes(key, error);
  }
}

/**
 * Same addresses under the same lease, same bytes. By the fence the text is another one each time: entity tags of the content
 * alone tell what a stopped process has read from what was written since.
 */
export function serializeNodes(nodes: ReadonlyMap<string, string>, fence: number): Buffer {
  const entries = [...nodes].sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify({ [FENCE]: String(fence), ...Object.fromEntries(entries) }));
}

/** Whether a text is of these addresses, under whatever lease it was written. */
export function holdsNodes(body: Uint8Array, nodes: ReadonlyMap<string, string>): boolean {
  try {
    return serializeNodes(parseNodes(body), 0).equals(serializeNodes(nodes, 0));
  } catch {
    return false;
  }
}

function parseNodes(body: Uint8Array): ReadonlyMap<string, string> {
  const { [FENCE]: _, ...nodes } = nodesSchema.parse(JSON.parse(Buffer.from(body).toString()));
  return new Map(Object.entries(nodes));
}
