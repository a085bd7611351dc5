import type { ObjectStore } from "../store/object-store.ts";
import { inParallel } from "../store/parallel.ts";
import { decodeConfigObject } from "./config-object.ts";
import { readIndex } from "./published-index.ts";
import type { PublishedIndex } from "./published-index.ts";
import { keysOf } from "./published-keys.ts";
import type { ConfigEntry } from "./source.ts";

/** Objects read at a time. */
const WIDTH = 16;
/** Times that the index may move while its objects are read. */
const ATTEMPTS = 5;

export type PublishedRead =
  | {
      readonly status: "found";
      readonly index: PublishedIndex;
      readonly etag: string;
      /** By id, ascending; without the damaged ones. */
      readonly entries: ReadonlyMap<string, ConfigEntry>;
      /** Keys by id of objects that the index names and that are absent or have another content. */
      readonly damaged: ReadonlyMap<string, string>;
    }
  | { readonly status: "not-modified" }
  | { readonly status: "absent" };

/**
 * Reads the index and all config objects that it names. When one of them is missing, it may have been collected
 * because the index has moved: then everything is read again.
 * @param known what the caller has: entries with the right digest are not read
 * @param ifNoneMatch entity tag of the index that the caller has
 * @throws {CorruptIndex}
 * @throws {StoreError}
 */
export async function readPublished(
  store: ObjectStore,
  cluster: string,
  known: ReadonlyMap<string, ConfigEntry>,
  ifNoneMatch?: string,
): Promise<PublishedRead> {
  let read = await readIndex(store, cluster, ifNoneMatch);
  const seen = new Map(known);
  for (let attempt = 1; ; attempt += 1) {
    if (read.status !== "found") return read;
    const loaded = await loadEntries(store, cluster, read.index, seen);
    const complete = { ...read, ...loaded };
    if (loaded.damaged.size === 0 || attempt === ATTEMPTS) return complete;
    const again = await readIndex(store, cluster, read.etag);
    if (again.status === "not-modified") return complete;
    for (const [id, entry] of loaded.entries) seen.set(id, entry);
    read = again;
  }
}

async function loadEntries(
  store: ObjectStore,
  cluster: string,
  index: PublishedIndex,
  known: ReadonlyMap<string, ConfigEntry>,
): Promise<{ entries: Map<string, ConfigEntry>; damaged: Map<string, string> }> {
  const entries = new Map<string, ConfigEntry>();
  const damaged = new Map<string, string>();
  await inParallel([...index.configs], WIDTH, async ([id, expected]) => {
    const { digest, uid } = expected;
    const present = known.get(id);
    // A Gateway that is made anew may have the same text.
    if (present?.digest === digest) return void entries.set(id, present.uid === uid ? present : { ...present, uid });
    const key = keysOf(cluster).config(id, digest);
    const result = await store.get(key);
    const text = result.status === "found" ? decodeConfigObject(result.body, expected) : undefined;
    if (text === undefined) damaged.set(id, key);
    else entries.set(id, { id, digest, text, uid });
  });
  // In the order of the index, not of arrival.
  const ordered = [...index.configs.keys()].map((id) => entries.get(id)).filter((entry) => entry !== undefined);
  return { entries: new Map(ordered.map((entry) => [entry.id, entry])), damaged };
}
