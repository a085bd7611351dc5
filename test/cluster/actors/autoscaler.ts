import { childOf } from "../../support/json.ts";
import type { Cluster } from "../cluster.ts";
import type { Reference } from "../resource.ts";
import { startActor, type Actor } from "./actor.ts";

const USER = "horizontal-pod-autoscaler";

export interface Autoscaler extends Actor {
  /** Wants another number of pods from now on. */
  scale(replicas: number): Promise<void>;
}

/** A HorizontalPodAutoscaler: keeps a Deployment at a number of pods through its scale subresource. The Deployment may come later. */
export async function startAutoscaler(cluster: Cluster, deployment: Reference, replicas: number): Promise<Autoscaler> {
  const client = await cluster.as({ user: USER, groups: ["system:masters"] });
  let wanted = replicas;
  const write = (): Promise<unknown> =>
    client.patch(deployment, { spec: { replicas: wanted } }, { fieldManager: USER, subresource: "scale" });
  const actor = startActor(client, [
    {
      apiVersion: deployment.apiVersion,
      kind: deployment.kind,
      ...(deployment.metadata.namespace === undefined ? {} : { namespace: deployment.metadata.namespace }),
      async act(object, type) {
        if (type === "DELETED" || object.metadata.name !== deployment.metadata.name) return;
        if (childOf(object, "spec")["replicas"] !== wanted) await write();
      },
    },
  ]);
  return {
    ...actor,
    async scale(next) {
      wanted = next;
      await write();
    },
  };
}
