import type { StunnerdConfig } from "../resources/stunnerd-config.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { readPublished } from "./read-published.ts";
import type { ConfigEntry } from "./source.ts";

/** What a control plane keeps from one pass to the next, so that it reads only what changed. One per store and cluster. */
export interface PublishedCache {
  entries: ReadonlyMap<string, ConfigEntry>;
  /** By id, ascending. */
  configs: ReadonlyMap<string, StunnerdConfig>;
  etag: string | undefined;
  /** Ids whose object is absent or damaged: what `publish` is to be given as `repair`. */
  damaged: ReadonlySet<string>;
}

export function createPublishedCache(): PublishedCache {
  return { entries: new Map(), configs: new Map(), etag: undefined, damaged: new Set() };
}

/**
 * The configs published now, by `namespace/name`, ascending (`RenderOptions.published`). One whose object is absent or
 * damaged is left out and listed in `cache.damaged`.
 * @throws {CorruptIndex}
 * @throws {StoreError}
 */
export async function loadPublished(
  store: ObjectStore,
  cluster: string,
  cache: PublishedCache = createPublishedCache(),
): Promise<Map<string, StunnerdConfig>> {
  const read = await readPublished(store, cluster, cache.entries, cache.etag);
  if (read.status === "absent") Object.assign(cache, createPublishedCache());
  if (read.status === "found") {
    const configs = new Map<string, StunnerdConfig>();
    for (const [id, entry] of read.entries) {
      const known = cache.entries.get(id) === entry ? cache.configs.get(id) : undefined;
      // Its digest is right, so it is what publish wrote.
      configs.set(id, known ?? (JSON.parse(entry.text.toString()) as StunnerdConfig));
    }
    const damaged = new Set(read.damaged.keys());
    // Damage may heal without a move of the index: look again next time.
    Object.assign(cache, { entries: read.entries, configs, damaged, etag: damaged.size === 0 ? read.etag : undefined });
  }
  return new Map(cache.configs);
}
