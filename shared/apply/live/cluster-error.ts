import { KubeError } from "../../kube/errors.ts";
import { ClusterError } from "../cluster.ts";

/**
 * What the API server said, in words that do not change from try to try: they stand in a status (I24). Anything but a
 * KubeError is a bug and is passed on.
 */
export function toClusterError(error: unknown): unknown {
  if (!(error instanceof KubeError)) return error;
  const { code, status, retryable, fields } = error;
  const where = fields.length > 0 ? `, field ${fields.join(", ")}` : "";
  const what = status === 0 ? "the API server gave no usable answer" : `the API server refused with status ${status}${where}`;
  return new ClusterError(what, { code, retryable: retryable || status === 409, cause: error });
}
