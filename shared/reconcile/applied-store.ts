import * as z from "zod/mini";
import { sameJson } from "../apply/json.ts";
import type { AppliedDigests } from "../apply/digest.ts";
import type { ObjectStore } from "../store/object-store.ts";

const storedSchema = z.record(z.string(), z.string());

function keyOf(cluster: string): string {
  return `clusters/${cluster}/applied.json`;
}

/**
 * What was applied last; empty where nothing is known, which makes everything that differs an adoption and no drift.
 * @throws {StoreError}
 */
export async function readApplied(store: ObjectStore, cluster: string): Promise<AppliedDigests> {
  const found = await store.get(keyOf(cluster));
  if (found.status !== "found") return new Map();
  try {
    return new Map(Object.entries(storedSchema.parse(JSON.parse(Buffer.from(found.body).toString()))));
  } catch {
    return new Map();
  }
}

/** Writes what has changed, ascending by key. @throws {StoreError} */
export async function writeApplied(store: ObjectStore, cluster: string, before: AppliedDigests, now: AppliedDigests): Promise<void> {
  const [old, next] = [before, now].map((digests) => Object.fromEntries([...digests].sort(([a], [b]) => (a < b ? -1 : 1))));
  if (!sameJson(old, next)) await store.put(keyOf(cluster), Buffer.from(JSON.stringify(next)));
}
