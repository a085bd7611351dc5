import type { Deletion, DesiredObject, DesiredStatus } from "../render/result.ts";
import type { Change, OperationCount } from "../reconcile/report.ts";
import { keyOf } from "../resources/meta.ts";
import { digestOf, type AppliedDigests } from "./digest.ts";
import { ClusterError } from "./cluster.ts";
import type { Cluster, Written } from "./cluster.ts";
import { inParallel } from "../store/parallel.ts";
import { objectKey } from "./ownership.ts";
import { failuresByGateway, withFailures, withoutFarewells } from "./write-failures.ts";
import { title } from "./title.ts";

/** What a pass means to do. */
export interface Plan {
  readonly objects: readonly DesiredObject[];
  readonly deletions: readonly Deletion[];
  readonly statuses: readonly DesiredStatus[];
  /** Names of the listeners that run now for a Gateway (`namespace/name`). */
  readonly listenersOf: (gateway: string) => readonly string[];
  /** Whether an object (`Kind/namespace/name`) stays as it is. */
  readonly isHeld: (key: string) => boolean;
  /** Digests of what was applied last: what differs although we want the same has drifted (issue 4, drift). */
  readonly lastApplied: AppliedDigests;
  /** `report`: what has only drifted is told and left. */
  readonly drift: "correct" | "report";
}

export interface Applied {
  readonly changes: readonly Change[];
  readonly operations: readonly OperationCount[];
  /** Whether everything could be written. */
  readonly complete: boolean;
  /** Whether something could not be written for the sole reason that it was changed after it had been read. */
  readonly isStale: boolean;
  /** Digests of what is applied now. */
  readonly digests: AppliedDigests;
}

/** Their pods go with them. */
const WORKLOADS: ReadonlySet<string> = new Set(["Deployment", "DaemonSet"]);
/** So many writes are under way at once. */
const PARALLEL = 16;

/**
 * Writes objects, then deletes, then writes statuses, which tell of the objects that could not be written (rule I24). One
 * that fails never stops the others.
 */
export async function apply(cluster: Cluster, plan: Plan): Promise<Applied> {
  const digests = new Map(plan.objects.map((object) => [objectKey(object), digestOf(object)]));
  const objects = await inParallel(plan.objects, PARALLEL, (object) => {
    const last = plan.lastApplied.get(objectKey(object));
    const cause = last === undefined ? "adoption" : last === digests.get(objectKey(object)) ? "drift" : "change";
    const what = { scope: "spec" as const, kind: object.kind, title: title(object), cause, listeners: () => plan.listenersOf(keyOf(object)) } as const;
    return attempt(what, () => cluster.write(object, cause === "drift" && plan.drift === "report"));
  });
  const deletions = await inParallel(plan.deletions, PARALLEL, (deletion) =>
    attempt({ scope: "spec", kind: deletion.kind, title: title(deletion), isDelete: true, listeners: () => plan.listenersOf(`${deletion.namespace}/${deletion.name}`) }, async () => {
      await cluster.remove(deletion);
      return { operation: "updated", rollsPods: WORKLOADS.has(deletion.kind) };
    }),
  );
  const failures = failuresByGateway(plan.objects, objects.map(({ change }) => change));
  const due = withoutFarewells(plan.statuses, plan.deletions, deletions.map(({ change }) => change));
  const statuses = await inParallel(withFailures(due, failures), PARALLEL, (status) =>
    attempt({ scope: "status", kind: status.kind, title: `status of ${title(status)}` }, () => cluster.writeStatus(status)),
  );
  const all = [...objects, ...deletions, ...statuses];
  return {
    changes: all.flatMap(({ change }) => change ?? []),
    operations: count(all),
    complete: all.every(({ change }) => change?.operation !== "failed"),
    isStale: all.some(({ isStale }) => isStale),
    digests: nextDigests(plan, digests, objects.map(({ change }) => change?.operation === "failed")),
  };
}

/** What was held or could not be written keeps what is known of it; what is no longer wanted is forgotten. */
function nextDigests(plan: Plan, digests: AppliedDigests, failed: readonly boolean[]): AppliedDigests {
  const next = new Map([...plan.lastApplied].filter(([key]) => plan.isHeld(key)));
  for (const [index, object] of plan.objects.entries()) {
    const key = objectKey(object);
    const digest = failed[index] ? plan.lastApplied.get(key) : digests.get(key);
    if (digest !== undefined) next.set(key, digest);
  }
  return next;
}

interface Attempt {
  readonly scope: "spec" | "status";
  readonly kind: string;
  readonly title: string;
  readonly isDelete?: boolean;
  /** Why the object differs, should it. */
  readonly cause?: Change["cause"];
  /** Whose calls end when the pods are replaced. */
  readonly listeners?: () => readonly string[];
}

interface Outcome extends Attempt {
  readonly operation: string;
  readonly change: Change | undefined;
  readonly isStale?: boolean;
}

/** Anything but a ClusterError is a bug and is not swallowed. */
async function attempt(what: Attempt, write: () => Promise<Written>): Promise<Outcome> {
  try {
    const { operation: written, rollsPods, differences = [] } = await write();
    if (written === "unchanged") return { ...what, operation: "suppressed", change: undefined };
    const operation = what.isDelete ? "deleted" : written;
    // What is left as it is ends no calls.
    const disrupts = rollsPods && operation !== "drifted" ? (what.listeners?.() ?? []) : [];
    const fields = differences.map(({ field, manager }) => ({ field, ...(manager ? { manager } : {}) }));
    const change: Change = {
      operation,
      object: what.title,
      ...(what.cause && operation !== "created" && { cause: what.cause }),
      ...(what.cause === "drift" && { cause: what.cause }),
      ...(fields.length > 0 && { fields }),
      ...(disrupts.length > 0 && { disrupts }),
    };
    return { ...what, operation: what.scope === "status" ? "updatedStatus" : operation, change };
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    const change: Change = { operation: "failed", object: what.title, reason: `${error.code}: ${error.message}` };
    return { ...what, operation: "error", change, isStale: error.code === "Conflict" };
  }
}

/** Under the upstream's names; every try is an `attempt` as well. Deletes are not counted there. */
function count(outcomes: readonly Outcome[]): OperationCount[] {
  const counts = new Map<string, OperationCount>();
  for (const { scope, kind, operation, isDelete } of outcomes) {
    if (isDelete) continue;
    for (const name of ["attempt", operation]) {
      const key = `${scope} ${kind} ${name}`;
      counts.set(key, { scope, kind, operation: name, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  return [...counts.values()];
}
