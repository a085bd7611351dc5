import { isNotFound, KubeError } from "../../kube/errors.ts";
import type { DesiredObject } from "../../render/result.ts";
import type { KubeObject } from "../../resources/meta.ts";
import { isConflict } from "./cluster-error.ts";
import { planWrite } from "./plan-write.ts";
import type { Requests } from "./requests.ts";

/** Controllers write to a new object at once; so often its managers are looked at again. */
const SIGNATURES = 5;

/** Whether there was none of that name, so that it is there now. @throws {KubeError} */
export async function createObject(requests: Requests, object: DesiredObject, dryRun: boolean): Promise<boolean> {
  let live: KubeObject;
  try {
    live = await requests.create(object);
  } catch (error) {
    if (error instanceof KubeError && error.code === "AlreadyExists") return false;
    throw error;
  }
  if (!dryRun) await signCreation(requests, object, live);
  return true;
}

/**
 * A creation does not tell which fields we mean to own: without that a later apply would leave what it does not mention.
 * Who is stopped before this finds it undone at the next pass.
 */
export async function signCreation(requests: Requests, object: DesiredObject, created: KubeObject): Promise<void> {
  let live: KubeObject | undefined = created;
  for (let left = SIGNATURES; live && left > 0; left--) {
    const { managedFields } = planWrite(live, object);
    if (!managedFields) return;
    try {
      await requests.sign(live, managedFields);
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      live = await requests.get(object);
    }
  }
}
