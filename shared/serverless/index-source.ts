import { changeBetween } from "../cds/follow-change.ts";
import { decodeConfigObject } from "../cds/config-object.ts";
import { hasPlaceholder } from "../cds/patch.ts";
import { DamagedConfigs, IndexGone, OlderIndex } from "../cds/publish-errors.ts";
import { type PublishedIndex, readIndex } from "../cds/published-index.ts";
import { keysOf } from "../cds/published-keys.ts";
import { readNodes } from "../cds/published-nodes.ts";
import type { ConfigEntry, ConfigSource, SourceChange } from "../cds/source.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { inParallel } from "../store/parallel.ts";

/** What is published of a cluster, looked at when somebody asks: between calls a function does not run. */
export interface IndexSource extends ConfigSource {
  /**
   * Looks at the index unless that was a moment ago, and loads what is wanted of what it names. Never rejects: what cannot be
   * read leaves what was there, and `onError` is told.
   * @param ids configurations (`namespace/name`); `all`: every one
   */
  refresh(ids: readonly string[] | "all"): Promise<void>;
  /** Whether the text of a configuration is there. Of one that is not in the index it is not. */
  has(id: string): boolean;
}

export interface IndexSourceOptions {
  readonly onError: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** So long, in milliseconds, a look at the index is good for; default 500. */
  readonly maxAge?: number;
}

const MAX_AGE_MS = 500;
/** Addresses of nodes change seldom. */
const NODES_MAX_AGE_MS = 5_000;
const WIDTH = 16;
const NOTHING_YET = Buffer.alloc(0);

/** One for each cluster and instance. Configurations are loaded when they are asked for first: an instance is short-lived, and a pod asks for one. */
export function createIndexSource(store: ObjectStore, cluster: string, { onError, now, maxAge = MAX_AGE_MS }: IndexSourceOptions): IndexSource {
  const keys = keysOf(cluster);
  const listeners = new Set<(change: SourceChange) => void>();
  let index: PublishedIndex | undefined;
  let tag: string | undefined;
  let lookedAt = -Infinity;
  let nodes: ReadonlyMap<string, string> = new Map();
  let nodesTag: string | undefined;
  let nodesAt = -Infinity;
  let ready = false;
  let texts = new Map<string, ConfigEntry>();
  let entries: ReadonlyMap<string, ConfigEntry> = new Map();

  async function look(): Promise<void> {
    if (now() - lookedAt < maxAge) return;
    lookedAt = now();
    const found = await readIndex(store, cluster, tag);
    if (found.status === "absent" && index !== undefined) throw new IndexGone(keys.index);
    if (found.status === "found") {
      const generation = index?.generation ?? 0;
      if (found.index.generation < generation) throw new OlderIndex(keys.index, found.index.generation, generation);
      ({ index, etag: tag } = found);
      show(nodes);
    }
    ready = true;
  }

  async function lookAtNodes(): Promise<void> {
    if (now() - nodesAt < NODES_MAX_AGE_MS) return;
    nodesAt = now();
    const found = await readNodes(store, cluster, nodesTag);
    if (found.status !== "found") return;
    nodesTag = found.etag;
    show(found.nodes);
  }

  async function load(id: string): Promise<void> {
    const expected = index?.configs.get(id);
    if (expected === undefined || texts.get(id)?.digest === expected.digest) return;
    const { digest, uid } = expected;
    const found = await store.get(keys.config(id, digest));
    const text = found.status === "found" ? decodeConfigObject(found.body, expected) : undefined;
    if (text === undefined) throw new DamagedConfigs([keys.config(id, digest)]);
    texts.set(id, { id, digest, text, uid });
    entries = entriesNow();
  }

  /** Of those whose new text is not there yet, the one before, if it is of the same Gateway. */
  function entriesNow(): ReadonlyMap<string, ConfigEntry> {
    const all = [...(index?.configs ?? [])].map(([id, { digest, uid }]): [string, ConfigEntry] => {
      const known = texts.get(id);
      return [id, known !== undefined && known.uid === uid ? known : { id, digest, uid, text: NOTHING_YET }];
    });
    return new Map(all);
  }

  /** Tells of what has changed by the index, loaded or not. */
  function show(nodesNow: ReadonlyMap<string, string>): void {
    const before = { entries, nodes };
    texts = new Map([...texts].filter(([id]) => index?.configs.has(id)));
    entries = entriesNow();
    nodes = nodesNow;
    const named = new Map([...entries].map(([id, entry]) => [id, { ...entry, digest: index?.configs.get(id)?.digest ?? entry.digest }]));
    const change = changeBetween(before, { entries: named, nodes });
    if (change) for (const listener of listeners) listener(change);
  }

  async function attempt(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      onError(error);
    }
  }

  return {
    get ready() {
      return ready;
    },
    get entries() {
      return entries;
    },
    nodeAddress: (node) => nodes.get(node),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    has: (id) => (entries.get(id)?.text.length ?? 0) > 0,
    async refresh(ids) {
      await attempt(look);
      const wanted = ids === "all" ? [...entries.keys()] : ids;
      await inParallel(wanted, WIDTH, (id) => attempt(() => load(id)));
      if (wanted.some((id) => hasPlaceholder(entries.get(id)?.text ?? NOTHING_YET))) await attempt(lookAtNodes);
    },
  };
}
