import { isNotFound } from "../../kube/errors.ts";
import type { DesiredStatus } from "../../render/result.ts";
import type { KubeObject } from "../../resources/meta.ts";
import type { Written } from "../cluster.ts";
import { sameJson } from "../json.ts";
import { settleStatus } from "../settle-status.ts";
import { isConflict } from "./cluster-error.ts";
import type { Requests } from "./requests.ts";
import type { Unchanged } from "./unchanged.ts";

export interface StatusContext {
  readonly requests: Requests;
  readonly unchanged: Unchanged;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Replaces the status of an object as the pass read it, at the version that the cluster serves; one that has changed
 * since is left to the next pass, so nothing of others is lost.
 * @throws {KubeError}
 */
export async function writeStatus({ requests, unchanged, now }: StatusContext, desired: DesiredStatus, read: KubeObject): Promise<Written> {
  if (unchanged.has(read, desired)) return { operation: "unchanged" };
  const status = settleStatus(read["status"], desired.status, now);
  if (sameJson(read["status"], status)) {
    unchanged.note(read, desired);
    return { operation: "unchanged" };
  }
  try {
    await requests.putStatus(read, status);
  } catch (error) {
    if (isNotFound(error)) return { operation: "unchanged" };
    if (!isConflict(error)) throw error;
    // A try of ours may have been carried out although the connection was cut before the answer.
    if (!sameJson((await requests.get(read))?.["status"], status)) throw error;
  }
  return { operation: "updated" };
}
