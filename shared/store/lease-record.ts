import * as z from "zod/mini";
import type { ObjectStore } from "./object-store.ts";

const leaseSchema = z.object({
  /** Names the process for people. */
  holder: z.string(),
  /** Names it for other processes of its machine; absent: nobody can look it up. */
  process: z.optional(z.string()),
  /** Milliseconds since the epoch. */
  deadline: z.number(),
  /** Whether the next pass may begin before the deadline. */
  released: z.boolean(),
});

/** `clusters/<cluster>/lease/<n>.json` (DESIGN.md 4.2). */
export type LeaseRecord = z.infer<typeof leaseSchema>;

export interface StoredLease {
  readonly record: LeaseRecord;
  readonly etag: string;
}

export function leaseKey(cluster: string, number: number): string {
  return `clusters/${cluster}/lease/${number}.json`;
}

/** Ascending. @throws {StoreError} */
export async function leaseNumbers(store: ObjectStore, cluster: string): Promise<number[]> {
  const listed = await store.list(`clusters/${cluster}/lease/`);
  const numbers = listed.map(({ key }) => Number(/\/(\d+)\.json$/.exec(key)?.[1] ?? 0));
  return numbers.filter((number) => number > 0).sort((a, b) => a - b);
}

/** A record that cannot be read holds nobody up: its number is taken all the same. @throws {StoreError} */
export async function readLease(store: ObjectStore, cluster: string, number: number): Promise<StoredLease | undefined> {
  const found = await store.get(leaseKey(cluster, number));
  if (found.status !== "found") return undefined;
  try {
    return { record: leaseSchema.parse(JSON.parse(Buffer.from(found.body).toString())), etag: found.etag };
  } catch {
    return undefined;
  }
}

export function encodeLease(record: LeaseRecord): Buffer {
  return Buffer.from(JSON.stringify(record));
}
