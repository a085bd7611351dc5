import type { DesiredObject } from "../../render/result.ts";
import { OWNED_BY_LABEL, OWNED_BY_VALUE } from "../../resources/constants.ts";
import type { KubeObject } from "../../resources/meta.ts";
import type { Written } from "../cluster.ts";
import { beingDeleted, changedMeanwhile, isConflict } from "./cluster-error.ts";
import { createObject, signCreation } from "./create-object.ts";
import { cannotBecome, isSettled, planWrite, rollsPods, type WritePlan } from "./plan-write.ts";
import type { Requests } from "./requests.ts";
import type { Settled } from "./settled.ts";
import type { Unchanged } from "./unchanged.ts";

export interface WriteContext {
  readonly requests: Requests;
  readonly settled: Settled;
  readonly unchanged: Unchanged;
  readonly dryRun: boolean;
  /** Only tell what differs. */
  readonly leave: boolean;
}

const UNCHANGED: Written = { operation: "unchanged" };

/**
 * Makes an object as it is wanted, or tells how it differs.
 * @param loaded as the pass read it; undefined where it was not among what it read
 * @throws {KubeError} @throws {ClusterError}
 */
export async function writeObject(context: WriteContext, object: DesiredObject, loaded: KubeObject | undefined): Promise<Written> {
  if (loaded) return update(context, object, loaded);
  const { requests, dryRun, leave } = context;
  if (!leave && (await createObject(requests, object, dryRun))) return { operation: "created" };
  // What bears no label of ours was not in the lists; it may stand there nevertheless.
  const found = await requests.get(object);
  if (!found) return { operation: "drifted" };
  if (found.metadata.labels?.[OWNED_BY_LABEL] !== OWNED_BY_VALUE) return update(context, object, found);
  // It came after this pass had looked, or could not be read then: another pass knows better what it should be.
  const plan = planWrite(found, object);
  if (plan.differences.length > 0) throw changedMeanwhile();
  if (!leave && !dryRun && plan.managedFields) await signCreation(requests, object, found);
  return UNCHANGED;
}

async function update(context: WriteContext, object: DesiredObject, live: KubeObject): Promise<Written> {
  if (context.unchanged.has(live, object)) return UNCHANGED;
  const plan = planWrite(live, object);
  if (live.metadata.deletionTimestamp) throw beingDeleted();
  if (isSettled(plan) || context.settled.has(object, plan)) {
    context.unchanged.note(live, object);
    return UNCHANGED;
  }
  const { differences } = plan;
  if (context.leave) return differences.length > 0 ? { operation: "drifted", differences, rollsPods: rollsPods(live, differences) } : UNCHANGED;
  try {
    return (await apply(context, object, live, plan)) ? { operation: "updated", differences, rollsPods: rollsPods(live, differences) } : UNCHANGED;
  } catch (error) {
    if (!isConflict(error)) throw error;
    // A try of ours may have been carried out although the connection was cut before the answer.
    const now = await context.requests.get(object);
    if (!now || !isSettled(planWrite(now, object))) throw error;
    return { operation: "updated", differences, rollsPods: rollsPods(live, differences) };
  }
}

/** Whether anything has changed. */
async function apply({ requests, settled, dryRun }: WriteContext, object: DesiredObject, live: KubeObject, plan: WritePlan): Promise<boolean> {
  const { managedFields } = plan;
  if (dryRun) {
    // What stands in the way would still be there, and make the server refuse.
    if (!managedFields) await requests.apply(object, live);
    return true;
  }
  const signed = managedFields && !cannotBecome(live, object) ? await requests.sign(live, managedFields) : live;
  const after = await requests.apply(object, signed);
  settled.note(object, planWrite(after, object));
  return after.metadata.resourceVersion !== live.metadata.resourceVersion;
}
