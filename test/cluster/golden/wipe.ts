import { textOf } from "../../support/json.ts";
import type { Cluster } from "../cluster.ts";
import { RequestRefused } from "../errors.ts";
import type { Resource } from "../resource.ts";

const KINDS = [
  ["gateway.networking.k8s.io/v1", "GatewayClass"],
  ["gateway.networking.k8s.io/v1", "Gateway"],
  ["gateway.networking.k8s.io/v1alpha2", "UDPRoute"],
  ["gateway.networking.k8s.io/v1beta1", "ReferenceGrant"],
  ["stunner.l7mp.io/v1", "UDPRoute"],
  ["stunner.l7mp.io/v1", "GatewayConfig"],
  ["stunner.l7mp.io/v1", "StaticService"],
  ["stunner.l7mp.io/v1", "Dataplane"],
  ["apps/v1", "Deployment"],
  ["apps/v1", "DaemonSet"],
  ["discovery.k8s.io/v1", "EndpointSlice"],
  ["v1", "Service"],
  ["v1", "Endpoints"],
  ["v1", "Secret"],
  ["v1", "ConfigMap"],
  ["v1", "Node"],
] as const;

/** Deletes what a scenario and the control plane made. Quicker than a reset: the scenarios' namespaces stay, applied anew by each. */
export async function wipe(cluster: Cluster): Promise<void> {
  const objects = await Promise.all(KINDS.map(([apiVersion, kind]) => cluster.list(apiVersion, kind)));
  await Promise.all(objects.flat().filter((object) => !isOfTheServer(object)).map((object) => remove(cluster, object)));
}

async function remove(cluster: Cluster, object: Resource): Promise<void> {
  try {
    if (object.metadata["finalizers"] !== undefined) await cluster.patch(object, { metadata: { finalizers: null } });
    await cluster.delete(object);
  } catch (error) {
    if (!(error instanceof RequestRefused) || error.code !== "NotFound") throw error;
  }
}

function isOfTheServer({ metadata }: Resource): boolean {
  const namespace = textOf(metadata, "namespace");
  return namespace.startsWith("kube-") || (namespace === "default" && metadata.name === "kubernetes");
}
