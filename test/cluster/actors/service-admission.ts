import type { Cluster } from "../cluster.ts";
import { reference } from "../resource.ts";

const NAME = "load-balancer-defaults.cloud.example";

export interface ServiceAdmission {
  /** `spec.loadBalancerClass` for Services of type LoadBalancer that have none. */
  readonly loadBalancerClass: string;
  /** `spec.healthCheckNodePort` for those among them whose external traffic policy is Local. */
  readonly healthCheckNodePort?: number;
}

/**
 * What a cloud's admission webhook does to new Services: fields that nobody may change afterwards are set at creation.
 * A MutatingAdmissionPolicy does it here, so no webhook server is needed. Done when the API server enforces it.
 */
export async function installServiceAdmission(cluster: Cluster, settings: ServiceAdmission): Promise<void> {
  const { loadBalancerClass, healthCheckNodePort } = settings;
  const apiVersion = "admissionregistration.k8s.io/v1";
  const isBalanced = "object.spec.type == 'LoadBalancer'";
  const isLocal = `${isBalanced} && object.spec.?externalTrafficPolicy.orValue('') == 'Local'`;
  const mutations = [set(`loadBalancerClass: '${loadBalancerClass}'`, `${isBalanced} && !has(object.spec.loadBalancerClass)`)];
  if (healthCheckNodePort !== undefined) mutations.push(set(`healthCheckNodePort: ${healthCheckNodePort}`, isLocal));
  await cluster.apply({
    ...reference(apiVersion, "MutatingAdmissionPolicy", NAME),
    spec: {
      matchConstraints: { resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["services"] }] },
      failurePolicy: "Fail",
      reinvocationPolicy: "Never",
      mutations,
    },
  });
  await cluster.apply({ ...reference(apiVersion, "MutatingAdmissionPolicyBinding", NAME), spec: { policyName: NAME } });
  await isEnforced(cluster);
}

function set(fields: string, when: string): object {
  const expression = `${when} ? Object{spec: Object.spec{${fields}}} : Object{}`;
  return { patchType: "ApplyConfiguration", applyConfiguration: { expression } };
}

async function isEnforced(cluster: Cluster): Promise<void> {
  const probe = { ...reference("v1", "Service", "admission-probe", "default"), spec: { type: "LoadBalancer", ports: [{ port: 1 }] } };
  for (;;) {
    const made = await cluster.create(probe, { dryRun: true });
    if (JSON.stringify(made["spec"]).includes("loadBalancerClass")) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
