import type { Deletion, DesiredObject, DesiredStatus, Problem } from "../render/result.ts";
import type { ClusterState } from "../resources/cluster.ts";

/** What a source of objects knows of its cluster at one moment. */
export interface LoadedCluster {
  readonly state: ClusterState;
  /** What is wrong with what was read. */
  readonly problems: readonly Problem[];
  /** Names of what could not be read. What they hold may exist: nothing may be deleted for want of it (DESIGN.md 2). */
  readonly unread: readonly string[];
  /** Those of `unread` that may have been readable to an earlier process: what they held is not known at all. */
  readonly unknown: readonly string[];
  /** What an API server's garbage collector would remove: objects of ours whose owners are gone. Not part of `state`. */
  readonly garbage: readonly Deletion[];
  /** UID of the kube-system namespace: tells one cluster from another; absent where the source has none. */
  readonly clusterUid?: string | undefined;
}

/** A field of ours that is not as we want it. */
export interface FieldDifference {
  /** `spec.ports[80/TCP].targetPort`. */
  readonly field: string;
  readonly wanted: unknown;
  /** Undefined where it is absent. */
  readonly live: unknown;
  /** Field manager that wrote it last, where that is known. */
  readonly manager?: string;
}

export interface Written {
  /** `drifted`: it differs and was left so, as was asked. */
  readonly operation: "created" | "updated" | "unchanged" | "drifted";
  /** What differed before the write, where the source can tell. */
  readonly differences?: readonly FieldDifference[];
  /** Whether the write replaces pods, which cuts their calls. */
  readonly rollsPods?: boolean;
}

/**
 * A cluster as a pass sees it: an API server or a directory. Writes are to what the last `load` found.
 * @throws {ClusterError} every method
 */
export interface Cluster {
  /**
   * Everything that rendering needs. Where it rejects, nothing is known and nothing may be changed.
   * @param beforeWrite awaited before each write of the pass that begins here; where it rejects, nothing is written
   */
  load(beforeWrite?: () => Promise<void>): Promise<LoadedCluster>;
  /** @param leave only tell what differs, write nothing */
  write(object: DesiredObject, leave?: boolean): Promise<Written>;
  /** Settles the times of the conditions and writes the status if it differs. */
  writeStatus(status: DesiredStatus): Promise<Written>;
  remove(deletion: Deletion): Promise<void>;
  /** Clears away what only the source itself keeps of objects that are gone. Where everything could be read, after a pass. */
  tidy?(): Promise<void>;
}

/** Lets every write through: where there is no lease to hold. */
export async function unguarded(): Promise<void> {}

/** Something of the cluster could not be read or written. The message is for reports and statuses: no secrets in it. */
export class ClusterError extends Error {
  /** One word in CamelCase. */
  readonly code: string;
  readonly retryable: boolean;

  constructor(message: string, { code, retryable, cause }: { code: string; retryable: boolean; cause?: unknown }) {
    super(message, cause === undefined ? {} : { cause });
    this.name = "ClusterError";
    this.code = code;
    this.retryable = retryable;
  }
}
