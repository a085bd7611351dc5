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
}

export interface Written {
  readonly operation: "created" | "updated" | "unchanged";
  /** Whether the write replaces pods, which cuts their calls. */
  readonly rollsPods?: boolean;
}

/**
 * A cluster as a pass sees it: an API server or a directory. Writes are to what the last `load` found.
 * @throws {ClusterError} every method
 */
export interface Cluster {
  /** Everything that rendering needs. Where it rejects, nothing is known and nothing may be changed. */
  load(): Promise<LoadedCluster>;
  write(object: DesiredObject): Promise<Written>;
  /** Settles the times of the conditions and writes the status if it differs. */
  writeStatus(status: DesiredStatus): Promise<Written>;
  remove(deletion: Deletion): Promise<void>;
  /** Clears away what only the source itself keeps of objects that are gone. Where everything could be read, after a pass. */
  tidy?(): Promise<void>;
}

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
