import { policyRules, type RbacOptions } from "./rules.ts";

export interface AccountOptions extends RbacOptions {
  /** Of the ServiceAccount. */
  readonly namespace: string;
  /** Users and groups besides the ServiceAccount, such as those that a cloud's IAM maps to. */
  readonly users: readonly string[];
  readonly groups: readonly string[];
  /** Whether to make a token that does not expire, for clusters that are connected to by token. */
  readonly longLivedToken: boolean;
}

/** Name of the ServiceAccount and of everything that belongs to it. */
export const ACCOUNT = "stunner-serverless";

const labels = { "app.kubernetes.io/name": ACCOUNT };
const RBAC_GROUP = "rbac.authorization.k8s.io";

/** Who acts in the cluster, and what that one may do. */
export function accountObjects(options: AccountOptions): object[] {
  const { namespace, users, groups, longLivedToken } = options;
  const subjects = [
    { kind: "ServiceAccount", name: ACCOUNT, namespace },
    ...users.map((name) => ({ kind: "User", apiGroup: RBAC_GROUP, name })),
    ...groups.map((name) => ({ kind: "Group", apiGroup: RBAC_GROUP, name })),
  ];
  const token = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: `${ACCOUNT}-token`, namespace, labels, annotations: { "kubernetes.io/service-account.name": ACCOUNT } },
    type: "kubernetes.io/service-account-token",
  };
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: ACCOUNT, namespace, labels } },
    { apiVersion: `${RBAC_GROUP}/v1`, kind: "ClusterRole", metadata: { name: ACCOUNT, labels }, rules: policyRules(options) },
    {
      apiVersion: `${RBAC_GROUP}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: ACCOUNT, labels },
      roleRef: { apiGroup: RBAC_GROUP, kind: "ClusterRole", name: ACCOUNT },
      subjects,
    },
    ...(longLivedToken ? [token] : []),
  ];
}
