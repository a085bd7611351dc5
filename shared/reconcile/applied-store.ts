import * as z from "zod/mini";
import { sameJson } from "../apply/json.ts";
import type { AppliedDigests } from "../apply/digest.ts";
import type { Lease } from "../store/lease.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { replace } from "../store/replace.ts";

const storedSchema = z.record(z.string(), z.string());

/** Beside the digests, whose keys have slashes: the number of the lease under which they were written. */
const FENCE = "fence";

export interface StoredApplied {
  readonly digests: AppliedDigests;
  readonly etag: string | undefined;
}

function keyOf(cluster: string): string {
  return `clusters/${cluster}/applied.json`;
}

/**
 * What was applied last; empty where nothing is known, which makes everything that differs an adoption and no drift.
 * @throws {StoreError}
 */
export async function readApplied(store: ObjectStore, cluster: string): Promise<StoredApplied> {
  const found = await store.get(keyOf(cluster));
  if (found.status !== "found") return { digests: new Map(), etag: undefined };
  try {
    const { [FENCE]: _, ...digests } = storedSchema.parse(JSON.parse(Buffer.from(found.body).toString()));
    return { digests: new Map(Object.entries(digests)), etag: found.etag };
  } catch {
    return { digests: new Map(), etag: found.etag };
  }
}

/**
 * Writes what has changed, ascending by key, and all of it after a pass that did not end. By its fence the text is another
 * one each time: entity tags of the content alone tell what a stopped process has read from what was written since.
 * @throws {LeaseLost} @throws {StoreError}
 */
export async function writeApplied(store: ObjectStore, cluster: string, before: StoredApplied, now: AppliedDigests, lease: Pick<Lease, "acquire" | "followsUnended">): Promise<void> {
  const [old, next] = [before.digests, now].map((digests) => Object.fromEntries([...digests].sort(([a], [b]) => (a < b ? -1 : 1))));
  if (sameJson(old, next) && !lease.followsUnended) return;
  const body = (fence: number): Buffer => Buffer.from(JSON.stringify({ [FENCE]: String(fence), ...next }));
  await replace(store, { key: keyOf(cluster), etag: before.etag, fence: lease.acquire, body });
}
