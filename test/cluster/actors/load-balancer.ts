import { childOf, listOf, sameJson, textOf, type Json, type JsonObject } from "../../support/json.ts";
import type { Cluster } from "../cluster.ts";
import type { Resource } from "../resource.ts";
import { startActor, type Actor } from "./actor.ts";

const USER = "load-balancer-controller";
const FINALIZER = "service.kubernetes.io/load-balancer-cleanup";

export interface LoadBalancerOptions {
  /** `status.loadBalancer.ingress` of a Service; an empty list leaves it pending. By default one IPv4 address for each Service. */
  readonly ingress?: (service: Resource) => Json[];
  /** Whether it also turns the Services dual-stack, as a cloud with both families does: ipFamilyPolicy, ipFamilies, clusterIPs. */
  readonly dualStack?: boolean;
}

/**
 * A cloud's load-balancer controller: each Service of type LoadBalancer gets its finalizer, its annotation, an address
 * in the status and, with `dualStack`, a second family; what it loses of this it gets again. When the type changes, the
 * address goes; when the Service is deleted, the finalizer goes.
 */
export async function startLoadBalancer(cluster: Cluster, options: LoadBalancerOptions = {}): Promise<Actor> {
  const { ingress = numbered(), dualStack = false } = options;
  const client = await cluster.as({ user: USER, groups: ["system:masters"] });
  return startActor(client, [
    {
      apiVersion: "v1",
      kind: "Service",
      async act(service, type) {
        if (type === "DELETED") return;
        const isDeleted = service.metadata["deletionTimestamp"] !== undefined;
        const isBalanced = !isDeleted && textOf(childOf(service, "spec"), "type") === "LoadBalancer";
        const marks = isBalanced ? withMarks(service) : withoutMarks(service);
        const spec = isBalanced && dualStack ? bothFamilies(service) : undefined;
        if (marks || spec) {
          const metadata = { ...marks, resourceVersion: service.metadata.resourceVersion };
          await client.patch(service, { metadata, ...(spec ? { spec } : {}) }, { fieldManager: USER });
        }
        const wanted = isBalanced ? ingress(service) : [];
        if (isDeleted || sameJson(ingressOf(service), wanted)) return;
        await client.patch(service, { status: { loadBalancer: { ingress: wanted } } }, { fieldManager: USER, subresource: "status" });
      },
    },
  ]);
}

function ingressOf(service: Resource): Json[] {
  return listOf(childOf(childOf(service, "status"), "loadBalancer"), "ingress");
}

function withMarks({ metadata }: Resource): JsonObject | undefined {
  const finalizers = listOf(metadata, "finalizers");
  const id = textOf(childOf(metadata, "annotations"), "cloud.example/load-balancer-id");
  if (finalizers.includes(FINALIZER) && id === metadata.uid) return undefined;
  return { finalizers: [...new Set([...finalizers, FINALIZER])], annotations: { "cloud.example/load-balancer-id": metadata.uid } };
}

function withoutMarks({ metadata }: Resource): JsonObject | undefined {
  const finalizers = listOf(metadata, "finalizers");
  if (!finalizers.includes(FINALIZER)) return undefined;
  return { finalizers: finalizers.filter((one) => one !== FINALIZER), annotations: { "cloud.example/load-balancer-id": null } };
}

function bothFamilies(service: Resource): JsonObject | undefined {
  const spec = childOf(service, "spec");
  if (listOf(spec, "ipFamilies").length === 2) return undefined;
  return { ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv4", "IPv6"] };
}

/** Addresses of the documentation range 198.51.100.0/24, one for each Service; the same Service keeps its own. */
function numbered(): (service: Resource) => Json[] {
  const known = new Map<string, number>();
  return ({ metadata: { uid } }) => {
    const number = known.get(uid) ?? known.size;
    known.set(uid, number);
    return [{ ip: `198.51.${100 + Math.floor(number / 250)}.${1 + (number % 250)}`, ipMode: "VIP" }];
  };
}
