import type { CallCount } from "../kube/accounting.ts";
import type { Problem } from "../render/result.ts";

/** What became of one thing in a pass. */
export interface Change {
  /** `drifted`: another hand changed it and it was left so (`drift: report`). */
  readonly operation: "created" | "updated" | "deleted" | "drifted" | "failed";
  /** `Kind namespace/name`, `status of Kind namespace/name` or `config namespace/name`. */
  readonly object: string;
  /**
   * Why it differed: we want something else than before; another hand changed it; or nothing was known of it, as when
   * something is taken over.
   */
  readonly cause?: "change" | "drift" | "adoption";
  /** What differed, and who had written it. */
  readonly fields?: readonly { readonly field: string; readonly manager?: string }[];
  /** Why it failed: the reason and what is wrong. */
  readonly reason?: string;
  /** Listeners (`namespace/gateway/listener`) whose calls the change cuts (rule I50). */
  readonly disrupts?: readonly string[];
}

/** Writes of one sort, counted under the names of the upstream operator's metric (spec/resources.md 6.3). */
export interface OperationCount {
  readonly scope: "spec" | "status";
  readonly kind: string;
  readonly operation: string;
  readonly count: number;
}

export type Phase = "load" | "render" | "publish" | "apply" | "total";

/** How a pass went: `clusters/<cluster>/report.json` (DESIGN.md 4.2). */
export interface Report {
  readonly cluster: string;
  /** RFC 3339. */
  readonly startedAt: string;
  /**
   * `incomplete`: something could not be written and is tried again; `stopped`: the mass-delete brake, nothing was
   * changed; `failed`: nothing was changed after the phase that failed.
   */
  readonly outcome: "done" | "incomplete" | "stopped" | "failed";
  readonly error?: { readonly code: string; readonly message: string };
  /** Generation of the published index, 0 before the first. */
  readonly generation: number;
  readonly changes: readonly Change[];
  readonly problems: readonly Problem[];
  readonly counts: Counts;
  readonly operations: readonly OperationCount[];
  /** Requests to the API server, repeated ones each time; watches are none of a pass. Absent where there is no server. */
  readonly calls?: readonly CallCount[];
  readonly milliseconds: Readonly<Partial<Record<Phase, number>>>;
  /** When each Gateway was first seen without its class, in milliseconds since the epoch (rule I9). */
  readonly orphans: Readonly<Record<string, number>>;
  /**
   * Sources that could not be read when the published configurations were rendered. What a later process cannot read
   * beyond these may have been in them: it is no reason to change anything.
   */
  readonly unread: readonly string[];
}

export interface Counts {
  readonly gatewayClasses: number;
  readonly gateways: number;
  readonly routes: number;
  readonly configs: number;
  readonly held: number;
  readonly objects: number;
}
