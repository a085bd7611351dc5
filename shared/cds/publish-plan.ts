import type { ConfigText } from "./config-object.ts";
import type { IndexEntry, PublishedIndex } from "./published-index.ts";

/** A config to be published. */
export interface NewConfig extends ConfigText {
  /** UID of the Gateway. */
  readonly uid: string;
}

/** What a publication does to the index and to the objects. */
export interface Plan {
  readonly configs: ReadonlyMap<string, IndexEntry>;
  readonly clusterUid: string | undefined;
  /** Whether the index has to be written. */
  readonly moved: boolean;
  /** Objects to be written before. */
  readonly write: readonly { readonly id: string; readonly text: Buffer; readonly digest: string }[];
  /** Ids that are new or have another digest, ascending. */
  readonly changed: readonly string[];
  /** Ids that are gone, ascending. */
  readonly deleted: readonly string[];
}

/**
 * Compares what is published with what is rendered. Pure.
 * @param old undefined: nothing is published, so that even an empty index is a change
 * @param wanted by id
 */
export function planPublication(
  old: PublishedIndex | undefined,
  wanted: ReadonlyMap<string, NewConfig>,
  { held, repair, clusterUid = old?.clusterUid, anew = false }: {
    readonly held: ReadonlySet<string>;
    readonly repair?: ReadonlySet<string> | undefined;
    readonly clusterUid?: string | undefined;
    readonly anew?: boolean | undefined;
  },
): Plan {
  const before = old?.configs ?? new Map<string, IndexEntry>();
  const entries: [string, IndexEntry][] = [...before].filter(([id]) => held.has(id));
  const write: { id: string; text: Buffer; digest: string }[] = [];
  const changed: string[] = [];
  let moved = anew || old === undefined || clusterUid !== old.clusterUid;

  for (const [id, { text, digest, uid }] of wanted) {
    if (held.has(id)) continue;
    entries.push([id, { digest, size: text.length, uid }]);
    const previous = before.get(id);
    if (previous?.digest !== digest) changed.push(id);
    if (previous?.digest !== digest || repair?.has(id) === true) write.push({ id, text, digest });
    moved ||= previous?.digest !== digest || previous.uid !== uid;
  }

  const configs = new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  const deleted = [...before.keys()].filter((id) => !configs.has(id));
  return { configs, clusterUid, moved: moved || deleted.length > 0, write, changed: changed.sort(), deleted };
}
