import { PreconditionFailed } from "../store/errors.ts";
import type { ListedObject, ObjectStore } from "../store/object-store.ts";
import { inParallel } from "../store/parallel.ts";
import { nextGeneration, readIndex, serializeIndex } from "./published-index.ts";
import type { PublishedIndex } from "./published-index.ts";
import { keysOf, parseConfigKey } from "./published-keys.ts";

/** Time in which whoever has read an index can still load what it names. */
const GRACE_MS = 10 * 60 * 1000;
/** Objects deleted at a time. */
const WIDTH = 16;

export interface Collected {
  /** Objects deleted, and their bytes. */
  readonly deleted: number;
  readonly bytes: number;
}

/**
 * Deletes config objects that the index does not name and that are older than the grace period (default 10 min).
 * Worth doing about once in that time, not after every publication.
 *
 * A publisher may be about to name just such an object, having found it rendered again. It cannot happen that the
 * object is deleted and named: the index is moved, unchanged, between listing and deleting. A publisher that had read
 * the index before loses its race, starts anew and writes the object again; one that reads it afterwards writes the
 * object after the listing. Either way the object has another entity tag than the listed one (config-object.ts), so
 * that deleting fails, or it is written after the deletion.
 * @throws {CorruptIndex} nothing is deleted
 * @throws {StoreError}
 */
export async function collectGarbage(
  store: ObjectStore,
  options: { readonly cluster: string; readonly now: number; readonly graceMs?: number | undefined },
): Promise<Collected> {
  const { cluster, now, graceMs = GRACE_MS } = options;
  const listed = await store.list(keysOf(cluster).configs);
  const read = await readIndex(store, cluster);
  // Without an index nobody can tell what is garbage: the first publication may be under way.
  if (read.status !== "found") return { deleted: 0, bytes: 0 };
  const garbage = listed.filter((object) => object.modified <= now - graceMs && isUnnamed(object, cluster, read.index));
  if (garbage.length === 0 || !(await touchIndex(store, cluster, read, now))) return { deleted: 0, bytes: 0 };

  const sizes = await inParallel(garbage, WIDTH, async ({ key, etag, size }) => {
    const deleted = await unlessLost(store.delete(key, { ifMatch: etag }));
    return deleted ? size : undefined;
  });
  const deleted = sizes.filter((size) => size !== undefined);
  return { deleted: deleted.length, bytes: deleted.reduce((sum, size) => sum + size, 0) };
}

/** False as well for objects that are no configs of ours. */
function isUnnamed({ key }: ListedObject, cluster: string, index: PublishedIndex): boolean {
  const config = parseConfigKey(cluster, key);
  return config !== undefined && index.configs.get(config.id)?.digest !== config.digest;
}

/** Whether the index was still the one that was read. */
function touchIndex(
  store: ObjectStore,
  cluster: string,
  { index, etag }: { readonly index: PublishedIndex; readonly etag: string },
  now: number,
): Promise<boolean> {
  const touched = { ...index, generation: nextGeneration(index.generation, now) };
  return unlessLost(store.put(keysOf(cluster).index, serializeIndex(touched), { ifMatch: etag }));
}

async function unlessLost(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (error instanceof PreconditionFailed) return false;
    throw error;
  }
}
