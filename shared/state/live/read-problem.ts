import type { KubeError } from "../../kube/errors.ts";
import type { Problem } from "../../render/result.ts";
import type { KindInfo } from "../../resources/kinds.ts";
import { resourceName } from "./discovery.ts";

/** What stays while something is not read (DESIGN.md 2). */
const STAYS = "everything that depends on it stays as it is";

/** Why something could not be read, and what would help. @param what `Secret ns/name`, `list of services` */
export function readProblem(what: string, verb: "get" | "list", { plural, group }: KindInfo, error: KubeError): Problem {
  const missing = `the role of this control plane needs the verb ${verb} on ${plural} of API group "${group}"`;
  const reasons: Readonly<Record<number, string>> = { 401: "the API server does not accept the credentials", 403: `not allowed: ${missing}` };
  return problem(what, error.code, `could not be read: ${reasons[error.status] ?? error.message}; ${STAYS}`);
}

/** A kind that was there at the last pass is not served any more. That need not mean that its objects are gone. */
export function lostProblem(info: KindInfo): Problem {
  const name = resourceName(info);
  return problem(
    `kind ${name}`,
    "KindLost",
    `was served before and is not any more; ${STAYS}. Install its CRD again, or confirm with --allow-mass-delete that it is to be gone`,
  );
}

function problem(object: string, reason: string, message: string): Problem {
  return { severity: "error", object, field: "", reason, message };
}
