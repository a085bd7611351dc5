import * as z from "zod/mini";
import type { ObjectStore } from "../store/object-store.ts";
import { CorruptNodes } from "./publish-errors.ts";
import { keysOf } from "./published-keys.ts";

const nodesSchema = z.record(z.string(), z.string());

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
    const nodes = nodesSchema.parse(JSON.parse(Buffer.from(result.body).toString()));
    return { status: "found", nodes: new Map(Object.entries(nodes)), etag: result.etag };
  } catch (error) {
    throw new CorruptNodes(key, error);
  }
}

/** Same addresses, same bytes. */
export function serializeNodes(nodes: ReadonlyMap<string, string>): Buffer {
  return Buffer.from(JSON.stringify(Object.fromEntries([...nodes].sort(([a], [b]) => (a < b ? -1 : 1)))));
}
