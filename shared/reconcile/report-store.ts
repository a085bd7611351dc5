import * as z from "zod/mini";
import { sameJson } from "../apply/json.ts";
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
 * The last report that said something new; undefined where there is none or where it cannot be read any more.
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
 * Writes a report that says something new: a pass that changed nothing and found what the one before found writes nothing.
 * @throws {StoreError}
 */
export async function writeReport(store: ObjectStore, report: Report, previous: StoredReport | undefined): Promise<void> {
  const { startedAt: _startedAt, milliseconds: _milliseconds, operations: _operations, calls: _calls, changes, ...facts } = report;
  const isNew = changes.length > 0 || Object.entries(facts).some(([field, value]) => !sameJson(value, previous?.[field]));
  if (isNew) await store.put(keyOf(report.cluster), Buffer.from(JSON.stringify(report)));
}
