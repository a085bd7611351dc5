import { type Cluster, ClusterError } from "../apply/cluster.ts";
import type { Keep } from "../reconcile/keep.ts";

/** When a call of a function has to come to its end. Times are milliseconds since the epoch. */
export interface Deadline {
  /** No write is begun after that. */
  readonly soft: number;
  /** No request goes on after that: there must be time left to report. */
  readonly hard: number;
}

const SOFT_MS = 5_000;
const HARD_MS = 2_500;

/** @param end when the platform ends the process */
export function deadlineBefore(end: number): Deadline {
  return { soft: end - SOFT_MS, hard: end - HARD_MS };
}

export interface Hurried {
  readonly cluster: Cluster;
  readonly keep: Keep | undefined;
  /** Whether something was left to the next pass. */
  isCut(): boolean;
}

/** A cluster to which nothing more is written once time runs out: between objects, never in the middle of one. */
export function hurry(cluster: Cluster, keep: Keep | undefined, { soft }: Deadline, now: () => number): Hurried {
  let isCut = false;
  const inTime = async <T>(write: () => Promise<T>): Promise<T> => {
    if (now() < soft) return write();
    isCut = true;
    throw new ClusterError("there was no time left; the next pass goes on", { code: "OutOfTime", retryable: true });
  };
  return {
    cluster: {
      ...cluster,
      write: (object, leave) => inTime(() => cluster.write(object, leave)),
      writeStatus: (status) => inTime(() => cluster.writeStatus(status)),
      remove: (deletion) => inTime(() => cluster.remove(deletion)),
    },
    keep: keep && (async (permit) => (now() < soft ? keep(permit) : { changes: [], problems: [] })),
    isCut: () => isCut,
  };
}
