import * as z from "zod/mini";
import { PreconditionFailed, StoreError } from "./errors.ts";
import type { ObjectStore } from "./object-store.ts";

/** Somebody else is writing to the cluster now. */
export class LeaseHeld extends StoreError {
  /** Milliseconds since the epoch at which it ends at the latest. */
  readonly until: number;

  constructor(cluster: string, holder: string, until: number) {
    super(`cluster ${cluster} is being written to by ${holder}`, { code: "lease-held", retryable: true });
    this.until = until;
  }
}

/** This pass looked at the cluster before another one wrote to it, or took longer than its lease; nothing more is written. */
export class LeaseLost extends StoreError {
  constructor(cluster: string, why: string, cause?: unknown) {
    super(`cluster ${cluster}: ${why}; the next pass looks again`, { code: "lease-lost", retryable: true, cause });
  }
}

const leaseSchema = z.object({ holder: z.string(), deadline: z.number(), released: z.boolean() });
type LeaseRecord = z.infer<typeof leaseSchema>;

/**
 * The right of one pass to write to a cluster. Nothing is written to the store until `acquire`: a pass that changes
 * nothing needs no lease. Numbers only grow; a pass may take exactly the number after the one that it saw before it
 * loaded, so whoever looked at the cluster before somebody else wrote to it cannot write (DESIGN.md 2, 4.2).
 */
export interface Lease {
  /**
   * The fencing number; taken at the first call.
   * @throws {LeaseLost} another pass has written since this one began, or the deadline is over
   * @throws {StoreError}
   */
  acquire(): Promise<number>;
  /** @throws {LeaseLost} no further write may start */
  check(): void;
  /** Lets the next pass begin at once; where this fails, it begins after the deadline. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly cluster: string;
  /** Names the process for people. */
  readonly holder: string;
  /** Milliseconds from the beginning of the pass until which it may start writes. */
  readonly duration: number;
  readonly now: () => number;
}

/**
 * Begins a pass; to be called before the cluster is loaded.
 * @throws {LeaseHeld} @throws {StoreError}
 */
export async function openLease(store: ObjectStore, options: LeaseOptions): Promise<Lease> {
  const { cluster, holder, duration, now } = options;
  const began = now();
  const deadline = began + duration;
  const seen = await newest(store, cluster);
  const before = seen === 0 ? undefined : await read(store, cluster, seen);
  if (before && !before.released && before.deadline > began) throw new LeaseHeld(cluster, before.holder, before.deadline);
  const number = seen + 1;
  let taken: Promise<{ etag: string }> | undefined;

  const check = () => {
    if (now() >= deadline) throw new LeaseLost(cluster, `the pass took longer than ${duration} ms`);
  };
  return {
    check,
    async acquire() {
      check();
      // One request, however many writes ask at once.
      taken ??= store.put(keyOf(cluster, number), encode({ holder, deadline, released: false }), { ifNoneMatch: "*" });
      try {
        await taken;
      } catch (error) {
        throw error instanceof PreconditionFailed ? new LeaseLost(cluster, "another pass was faster", error) : error;
      }
      return number;
    },
    async release() {
      const record = await taken?.catch(() => undefined);
      if (!record) return;
      await store.put(keyOf(cluster, number), encode({ holder, deadline, released: true }), { ifMatch: record.etag });
      // Its number is never used again; the newest stays, so that numbers go on growing.
      if (seen > 0) await store.delete(keyOf(cluster, seen));
    },
  };
}

function keyOf(cluster: string, number: number): string {
  return `clusters/${cluster}/lease/${number}.json`;
}

async function newest(store: ObjectStore, cluster: string): Promise<number> {
  const listed = await store.list(`clusters/${cluster}/lease/`);
  return Math.max(0, ...listed.map(({ key }) => Number(/\/(\d+)\.json$/.exec(key)?.[1] ?? 0)));
}

/** A record that cannot be read holds nobody up: its number is taken all the same. */
async function read(store: ObjectStore, cluster: string, number: number): Promise<LeaseRecord | undefined> {
  const found = await store.get(keyOf(cluster, number));
  if (found.status !== "found") return undefined;
  try {
    return leaseSchema.parse(JSON.parse(Buffer.from(found.body).toString()));
  } catch {
    return undefined;
  }
}

function encode(record: LeaseRecord): Buffer {
  return Buffer.from(JSON.stringify(record));
}
