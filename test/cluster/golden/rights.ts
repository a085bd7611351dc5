import { policyRules } from "../../../infra/rbac/rules.ts";
import type { Settings } from "../../golden/scenario.ts";
import type { Cluster } from "../cluster.ts";
import { reference } from "../resource.ts";

/** Users of the control plane begin so. */
export const USER_PREFIX = "stunner-";

const RBAC = "rbac.authorization.k8s.io";
type Which = Pick<Settings, "mode" | "endpointSlices">;
const MODES: readonly Which["mode"][] = ["managed", "legacy"];
const VARIANTS: readonly Which[] = MODES.flatMap((mode) => [true, false].map((endpointSlices) => ({ mode, endpointSlices })));

/** Users with exactly the rights that `infra/rbac` gives for some settings: the path of a kubeconfig for such settings. */
export async function grantRights(cluster: Cluster): Promise<(settings: Which) => string> {
  const paths = new Map<string, string>();
  for (const variant of VARIANTS) {
    const name = userOf(variant);
    await cluster.apply({ ...reference(`${RBAC}/v1`, "ClusterRole", name), rules: policyRules({ ...variant, watch: false }) });
    await cluster.apply({
      ...reference(`${RBAC}/v1`, "ClusterRoleBinding", name),
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name },
      subjects: [{ kind: "User", apiGroup: RBAC, name }],
    });
    const client = await cluster.as({ user: name });
    // The server learns of new roles by a watch.
    while ((await client.request("GET", "/api/v1/nodes")).status === 403) await new Promise((resolve) => setTimeout(resolve, 20));
    paths.set(name, await cluster.kubeconfigFor({ user: name }));
  }
  return (settings) => paths.get(userOf(settings)) ?? "";
}

function userOf({ mode, endpointSlices }: Which): string {
  return `${USER_PREFIX}${mode}-${endpointSlices ? "slices" : "endpoints"}`;
}
