import type { ClusterState } from "../resources/cluster.ts";
import { isGranted, type Referent, type Referrer } from "./grants.ts";
import { failed, type Outcome } from "./outcome.ts";
import type { Problem, RenderOptions } from "./result.ts";

/**
 * Judges a reference to a Secret: within the namespace and with a ReferenceGrant it is fine; without one it is an
 * error under `enforce` (I20), and under `permit` it works and is reported (I49).
 */
export function crossNamespace(
  state: ClusterState,
  options: RenderOptions,
  from: Referrer,
  to: Referent,
  at: { readonly object: string; readonly field: string },
): Outcome<readonly Problem[]> {
  if (isGranted(state, from, to)) return { value: [] };
  const what = `${to.kind} ${to.namespace}/${to.name}`;
  const remedy = `a ReferenceGrant in namespace ${to.namespace} from ${from.kind} of ${from.namespace} to ${to.kind} allows it`;
  if (options.referenceGrants === "enforce") {
    return failed(at.object, at.field, "RefNotPermitted", `${what} is in another namespace and no ReferenceGrant allows its use; ${remedy}`);
  }
  const message = `${what} of another namespace is used without a ReferenceGrant; ${remedy}`;
  return { value: [{ severity: "warning", ...at, reason: "CrossNamespaceSecret", message }] };
}
