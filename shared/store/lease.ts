import { PreconditionFailed, StoreError } from "./errors.ts";
import { encodeLease, leaseKey, leaseNumbers, readLease, type StoredLease } from "./lease-record.ts";
import { keepRenewing } from "./lease-renewal.ts";
import type { ObjectStore } from "./object-store.ts";

/** Somebody else is writing to the cluster now. */
export class LeaseHeld extends StoreError {
  /** Milliseconds since the epoch at which it ends, unless it is renewed. */
  readonly until: number;

  constructor(cluster: string, holder: string, until: number) {
    super(`cluster ${cluster} is being written to by ${holder}`, { code: "lease-held", retryable: true });
    this.until = until;
  }
}

/** This pass looked at the cluster before another one wrote to it, or its lease ran out; nothing more is written. */
export class LeaseLost extends StoreError {
  constructor(cluster: string, why: string, cause?: unknown) {
    super(`cluster ${cluster}: ${why}; the next pass looks again`, { code: "lease-lost", retryable: true, cause });
  }
}

/**
 * The right of one pass to write to a cluster. Nothing is written to the store until `acquire`: a pass that changes
 * nothing needs no lease. Numbers only grow; a pass may take exactly the number after the one that it saw before it
 * loaded, so whoever looked at the cluster before somebody else wrote to it cannot write (DESIGN.md 2, 4.2). A lease is
 * short and renewed while its holder runs: one that was stopped or has died holds nobody up for long.
 */
export interface Lease {
  /**
   * The fencing number; taken at the first call. To be asked before each write.
   * @throws {LeaseLost} another pass has written since this one began, or the deadline is over
   * @throws {StoreError}
   */
  acquire(): Promise<number>;
  /**
   * The fencing number where it is taken, else the last one that anybody had taken when this pass began: for what is written
   * without a lease too. Of two passes the one with the smaller number looked at the cluster before the other.
   * @throws {LeaseLost} it was taken, and the deadline is over or another pass has written
   */
  fence(): Promise<number>;
  /** Whether the pass before did not end: what it was about to write may still come, unless the object has another entity tag by then. */
  readonly followsUnended: boolean;
  /**
   * Lets the next pass begin at once; where this fails, it begins after the deadline.
   * @throws {LeaseLost} another pass has taken over
   * @throws {StoreError}
   */
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly cluster: string;
  /** Names the process for people. */
  readonly holder: string;
  /** Milliseconds for which writes may be started; as long again with each renewal. */
  readonly duration: number;
  readonly now: () => number;
  /** The process, for others that may be able to find out that it has died. */
  readonly process?: ProcessIdentity | undefined;
}

/** How processes know each other. */
export interface ProcessIdentity {
  readonly own: string;
  /** Whether that process can certainly write nothing any more. One that is only stopped can. */
  isDead(other: string): Promise<boolean>;
}

/**
 * Begins a pass; to be called before the cluster is loaded.
 * @throws {LeaseHeld} @throws {StoreError}
 */
export async function openLease(store: ObjectStore, options: LeaseOptions): Promise<Lease> {
  const { cluster, holder, duration, now } = options;
  const older = await leaseNumbers(store, cluster);
  const seen = older.at(-1) ?? 0;
  const before = seen === 0 ? undefined : await readLease(store, cluster, seen);
  if (before && (await isHeld(before, options))) throw new LeaseHeld(cluster, before.record.holder, before.record.deadline);
  const number = seen + 1;
  const key = leaseKey(cluster, number);
  const record = (deadline: number, released: boolean): Buffer =>
    encodeLease({ holder, ...(options.process ? { process: options.process.own } : {}), deadline, released });
  let deadline = Infinity;
  let taken: Promise<ReturnType<typeof keepRenewing>> | undefined;

  async function take(): Promise<ReturnType<typeof keepRenewing>> {
    // Whoever did not release it may still try to renew it: then one of the two fails.
    if (before && !before.record.released) {
      await store.put(leaseKey(cluster, seen), encodeLease({ ...before.record, released: true }), { ifMatch: before.etag });
    }
    deadline = now() + duration;
    const { etag } = await store.put(key, record(deadline, false), { ifNoneMatch: "*" });
    // The number is free again where two others have come and gone meanwhile; that of the last one stays.
    if ((await leaseNumbers(store, cluster)).some((other) => other > number)) throw new PreconditionFailed(key);
    return keepRenewing({
      etag,
      every: duration / 4,
      async renew(last) {
        const next = now() + duration;
        if (now() >= deadline) throw new LeaseLost(cluster, ENDED);
        const renewed = await store.put(key, record(next, false), { ifMatch: last });
        deadline = next;
        return renewed.etag;
      },
    });
  }

  const lost = (error: unknown): unknown => (error instanceof PreconditionFailed ? new LeaseLost(cluster, "another pass was faster", error) : error);
  async function acquire(): Promise<number> {
    try {
      // Once, however many writes ask at the same time.
      const renewal = await (taken ??= take());
      if (renewal.isOver()) throw new LeaseLost(cluster, "another pass has taken over");
    } catch (error) {
      throw lost(error);
    }
    if (now() >= deadline) throw new LeaseLost(cluster, ENDED);
    return number;
  }

  return {
    acquire,
    fence: async () => ((await taken?.catch(() => undefined)) ? acquire() : seen),
    followsUnended: seen > 0 && before?.record.released !== true,
    async release() {
      const renewal = await taken?.catch(() => undefined);
      if (!renewal) return;
      const etag = await renewal.stop();
      try {
        await store.put(key, record(deadline, true), { ifMatch: etag });
      } catch (error) {
        throw lost(error);
      }
      // Their numbers are never used again; the newest stays, so that numbers go on growing.
      await Promise.all(older.map((one) => store.delete(leaseKey(cluster, one))));
    },
  };
}

const ENDED = "the lease ended before the pass";

async function isHeld({ record }: StoredLease, { now, process }: LeaseOptions): Promise<boolean> {
  if (record.released || record.deadline <= now()) return false;
  return record.process === undefined || !(await process?.isDead(record.process));
}
