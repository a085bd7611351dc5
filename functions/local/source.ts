import type { Cluster } from "../../shared/apply/cluster.ts";
import type { Change } from "../../shared/events/change.ts";
import type { PassResult } from "../../shared/events/queue.ts";
import type { Accounting } from "../../shared/kube/accounting.ts";
import type { Keep } from "../../shared/reconcile/keep.ts";
import type { LiveState } from "../../shared/state/live/load.ts";

/** Where a cluster is read from and written to, and what makes us look at it again. */
export interface Source {
  readonly cluster: Cluster;
  /** What its passes ask of an API server; absent where there is none. */
  readonly accounting?: Accounting;
  /** What is kept there beside objects and statuses. */
  readonly keep?: Keep | undefined;
  /** What and where it is, for the start of the log: name and value. */
  readonly described: readonly (readonly [string, string])[];
  /** Something may have changed; absent where the source sees for itself. */
  offer?(change: Change): void;
  /** Asks for a pass: something else has changed than the cluster. */
  request(): void;
  /** Begins to watch, and asks for the first pass. */
  start(): Promise<void>;
  /** Ends when the running pass, if any, has ended. */
  close(): Promise<void>;
}

/** What a source needs of the rest. Times are milliseconds. */
export interface SourceContext {
  readonly pass: () => Promise<PassResult>;
  readonly throttle: number;
  readonly resync: number;
  /** To be told of every load from an API server. */
  readonly loaded?: ((live: LiveState) => void) | undefined;
  readonly onRequest: (result: "passed" | "throttled") => void;
  /** Tells people; `error` may be anything. */
  readonly warn: (message: string, error: unknown) => void;
}

/** Wait after a first failure; it doubles with each further one. */
export const RETRY_MS = 1000;
