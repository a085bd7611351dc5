import * as z from "zod/mini";
import type { ObjectStore } from "../store/object-store.ts";
import type { Report } from "./report.ts";

const storedSchema = z.looseObject({
  generation: z.number(),
  orphans: z.record(z.string(), z.number()),
  unread: z.array(z.string()),
});

/** What a pass needs to know of the one before. */
export type StoredReport = z.infer<typeof storedSchema>;

function keyOf(cluster: string): string {
  return `clusters/${cluster}/report.json`;
}

/**
 * The report of the last pass; undefined where there is none or where it cannot be read any more.
 * @throws {StoreError}
 */
export async function readReport(store: ObjectStore, cluster: string): Promise<StoredReport | undefined> {
  const found = await store.get(keyOf(cluster));
  if (found.status !== "found") return undefined;
  try {
    return storedSchema.parse(JSON.parse(Buffer.from(found.body).toString()));
  } catch {
    return undefined;
  }
}

/**
 * Writes the report of a pass, also of one that changed nothing: its time tells that passes go on.
 * @throws {StoreError}
 */
export async function writeReport(store: ObjectStore, report: Report): Promise<void> {
  await store.put(keyOf(report.cluster), Buffer.from(JSON.stringify(report)));
}
