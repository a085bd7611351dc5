import { KubeError } from "../../kube/errors.ts";
import { ClusterError } from "../cluster.ts";

/**
 * What the API server said, in words that do not change from try to try: they stand in a status (I24), so a webhook's
 * message, which may hold anything, is not among them. Anything but a KubeError is a bug, or a lost lease, and is passed on.
 */
export function toClusterError(error: unknown): unknown {
  if (!(error instanceof KubeError)) return error;
  if (isConflict(error)) return changedMeanwhile(error);
  const { code, status, retryable, fields, right } = error;
  const where = fields.length > 0 ? `, field ${fields.join(", ")}` : "";
  // An admission webhook or a quota may refuse as well.
  const role = right === undefined ? "" : `; unless it has other reasons, the role of this control plane needs the verb ${right}`;
  const what = status === 0 ? "the API server gave no usable answer" : `the API server refused with status ${status}${where}${role}`;
  return new ClusterError(what, { code, retryable, cause: error });
}

/** Whether the object is not the one that was read any more. */
export function isConflict(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  // An apply to an object that was deleted and made anew is invalid by its UID before it is a conflict by its version.
  return error.status === 409 || (error.status === 422 && error.fields.length === 1 && error.fields[0] === "metadata.uid");
}

/** Only another pass, which reads it again, may write to it. */
export function changedMeanwhile(cause?: unknown): ClusterError {
  return new ClusterError("it was changed meanwhile; the next pass looks again", { code: "Conflict", retryable: true, cause });
}

/** It will be gone soon, and can only then be made anew. */
export function beingDeleted(): ClusterError {
  return new ClusterError("one of that name is being deleted; the next pass looks again", { code: "Terminating", retryable: true });
}
