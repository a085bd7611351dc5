import type { AnyKubeObject, KindInfo } from "../../resources/kinds.ts";
import type { RawObject } from "./convert.ts";
import { describeIssue } from "./describe-issue.ts";
import type { Report } from "./finding.ts";
import { withRemedy } from "./remedy.ts";

/**
 * Checks an object against the schema of its kind and fills in defaults; undefined where it is refused. A status that
 * does not fit is left out, since an API server takes none from a manifest either.
 */
export function validate(object: RawObject, info: KindInfo, report: Report): AnyKubeObject | undefined {
  const parsed = info.schema.safeParse(object);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const onlyStatus = issues.every(({ path }) => path[0] === "status");
  for (const issue of issues) {
    const { path, message } = describeIssue(issue, object);
    if (onlyStatus) report({ severity: "warning", reason: "InvalidStatus", path, message: `${message}; the status is left out` });
    else report({ severity: "error", reason: "InvalidField", path, message: withRemedy(info.kind, path, message) });
  }
  if (!onlyStatus) return undefined;
  const { status: _, ...rest } = object;
  return validate(rest, info, report);
}
