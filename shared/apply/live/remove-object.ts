import { isNotFound } from "../../kube/errors.ts";
import type { Deletion } from "../../render/result.ts";
import { isConflict } from "./cluster-error.ts";
import type { Requests } from "./requests.ts";

/** Deletes exactly the object that the pass read, in the version that it read; one that is gone is deleted. @throws {KubeError} */
export async function removeObject(requests: Requests, deletion: Deletion): Promise<void> {
  try {
    await requests.delete(deletion);
  } catch (error) {
    if (isNotFound(error)) return;
    if (!isConflict(error)) throw error;
    const { apiVersion, kind, namespace, name } = deletion;
    const now = await requests.get({ apiVersion, kind, metadata: { namespace, name } });
    // Somebody else's deletion, or an earlier try of ours, waits for a finalizer.
    if (now && !now.metadata.deletionTimestamp) throw error;
  }
}
