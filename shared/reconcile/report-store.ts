import * as z from "zod/mini";
import type { GetResult, ObjectStore } from "../store/object-store.ts";
import { replace } from "../store/replace.ts";
import type { Report } from "./report.ts";

const storedSchema = z.looseObject({
  /** Number of the lease under which it was written, or of the last one before its pass (`Lease.fence`). */
  fence: z.optional(z.number()),
  generation: z.number(),
  orphans: z.record(z.string(), z.number()),
  unread: z.array(z.string()),
});

/** What a pass needs to know of the one before. */
export type StoredReport = z.infer<typeof storedSchema> & { readonly etag: string };

function keyOf(cluster: string): string {
  return `clusters/${cluster}/report.json`;
}

/**
 * The report of the last pass; undefined where there is none or where it cannot be read any more.
 * @throws {StoreError}
 */
export async function readReport(store: ObjectStore, cluster: string): Promise<StoredReport | undefined> {
  return parse(await store.get(keyOf(cluster)));
}

function parse(found: GetResult): StoredReport | undefined {
  if (found.status !== "found") return undefined;
  try {
    return { ...storedSchema.parse(JSON.parse(Buffer.from(found.body).toString())), etag: found.etag };
  } catch {
    return undefined;
  }
}

/**
 * Writes the report of a pass, also of one that changed nothing: its time tells that passes go on. That needs no lease: what
 * another pass has reported since `previous` was read stays, unless that pass has a smaller fence.
 * @param fence `Lease.fence`
 * @throws {LeaseLost} @throws {StoreError}
 */
export async function writeReport(store: ObjectStore, report: Report, previous: StoredReport | undefined, fence: () => Promise<number>): Promise<void> {
  await replace(store, {
    key: keyOf(report.cluster),
    etag: previous?.etag,
    fence,
    body: (number) => Buffer.from(JSON.stringify({ ...report, fence: number })),
    stays: (found, number) => (parse(found)?.fence ?? -1) >= number,
  });
}
