import * as z from "zod/mini";
import { isKeySegment } from "../store/key.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { CorruptIndex } from "./publish-errors.ts";
import { keysOf } from "./published-keys.ts";

const entrySchema = z.object({
  /** SHA-256 of the config's text, lower-case hexadecimal. */
  digest: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  /** Bytes of the config's text. */
  size: z.int().check(z.nonnegative()),
  /** UID of the Gateway, empty where it has none. */
  uid: z.string(),
});

const indexSchema = z.object({
  generation: z.int(),
  renderedAt: z.int(),
  fence: z.int(),
  clusterUid: z.optional(z.string()),
  configs: z.record(z.string().check(z.refine(isConfigId, "not namespace/name")), entrySchema),
});

export type IndexEntry = Readonly<z.infer<typeof entrySchema>>;

/** What is published of one cluster (DESIGN.md 4.2). */
export interface PublishedIndex {
  /** Grows with every write; see `nextGeneration`. */
  readonly generation: number;
  /** When it was written, in milliseconds since the epoch. */
  readonly renderedAt: number;
  /** Number of the lease under which it was published. */
  readonly fence: number;
  /** UID of the kube-system namespace. */
  readonly clusterUid?: string | undefined;
  /** By `namespace/name` of the Gateway, ascending. */
  readonly configs: ReadonlyMap<string, IndexEntry>;
}

export type IndexRead =
  | { readonly status: "found"; readonly index: PublishedIndex; readonly etag: string }
  | { readonly status: "not-modified" }
  | { readonly status: "absent" };

/** Whether a text is `namespace/name` of something that the store can hold. */
export function isConfigId(id: string): boolean {
  const parts = id.split("/");
  return parts.length === 2 && parts.every(isKeySegment);
}

/**
 * @param ifNoneMatch entity tag of the index that the caller has
 * @throws {CorruptIndex}
 * @throws {StoreError}
 */
export async function readIndex(store: ObjectStore, cluster: string, ifNoneMatch?: string): Promise<IndexRead> {
  const key = keysOf(cluster).index;
  const result = await store.get(key, ifNoneMatch === undefined ? {} : { ifNoneMatch });
  if (result.status !== "found") return result;
  return { status: "found", index: parseIndex(key, result.body), etag: result.etag };
}

export function serializeIndex(index: PublishedIndex): Buffer {
  return Buffer.from(JSON.stringify({ ...index, configs: Object.fromEntries(index.configs) }));
}

/** One more than before, and at least the time: an index made anew after a loss is newer than any that anybody has seen. */
export function nextGeneration(previous: number | undefined, now: number): number {
  return Math.max(1, now, (previous ?? 0) + 1);
}

function parseIndex(key: string, body: Uint8Array): PublishedIndex {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(body).toString());
  } catch (error) {
    throw new CorruptIndex(key, "not JSON", error);
  }
  const { success, data, error } = z.safeParse(indexSchema, json);
  if (!success) throw new CorruptIndex(key, error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)[0] ?? "", error);
  const configs = new Map(Object.entries(data.configs).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...data, configs };
}
