import { kindOf } from "../../resources/kinds.ts";
import type { KubeObject } from "../../resources/meta.ts";
import { describeIssue } from "../../state/directory/describe-issue.ts";
import { formatPath } from "../../state/directory/field-path.ts";
import { ClusterError } from "../cluster.ts";

/**
 * Refuses what an API server would: it could not be read back. What we want and what others have may not go together.
 * @throws {ClusterError} naming the first field that is at fault
 */
export function checkObject(object: KubeObject): void {
  const issue = kindOf(object)?.schema.safeParse(object).error?.issues[0];
  if (!issue) return;
  const { path, message } = describeIssue(issue, object);
  throw new ClusterError(`${formatPath(path)} ${message}`, { code: "Invalid", retryable: false });
}
