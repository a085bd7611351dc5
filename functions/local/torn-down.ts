import type { Cluster } from "../../shared/apply/cluster.ts";
import { makeable, ownerOf } from "../../shared/apply/ownership.ts";
import { title } from "../../shared/apply/title.ts";
import { finalized } from "../../shared/reconcile/finalize.ts";
import { classOfConfigMap } from "../../shared/render/config-map-owner.ts";
import type { Deletion } from "../../shared/render/result.ts";
import type { ClusterState } from "../../shared/resources/cluster.ts";
import type { ConfigMap } from "../../shared/resources/config-map.ts";

/**
 * A cluster whose next pass, in managed mode with `onInvalid: teardown`, removes everything of ours: what the finalizer
 * does, and the ConfigMaps of legacy mode besides (spec/rendering.md 2.6).
 */
export function tornDown(cluster: Cluster, controllerName: string): Cluster {
  return finalized(
    {
      ...cluster,
      async load(beforeWrite) {
        const loaded = await cluster.load(beforeWrite);
        return { ...loaded, garbage: [...loaded.garbage, ...ownConfigMaps(loaded.state, controllerName).map(deletionOf)] };
      },
    },
    "the dataplane was removed by stunner-serverless teardown",
  );
}

/** Names of the objects that are ours and not another controller's. */
export function leftovers(state: ClusterState, controllerName: string): string[] {
  const configMaps = ownConfigMaps(state, controllerName);
  const ofGateways = [...makeable(state)].filter((object) => {
    const owner = ownerOf(object);
    const gateway = owner?.kind === "Gateway" && state.gateways.get(`${object.metadata.namespace}/${owner.name}`);
    return gateway && isOurs(state, gateway.spec.gatewayClassName, controllerName);
  });
  return [...configMaps, ...ofGateways].map(title);
}

function ownConfigMaps(state: ClusterState, controllerName: string): ConfigMap[] {
  return [...state.configMaps.values()].filter((object) => {
    const name = classOfConfigMap(object);
    return name !== undefined && isOurs(state, name, controllerName);
  });
}

/** A class that is gone is nobody else's. */
function isOurs({ gatewayClasses }: ClusterState, className: string, controllerName: string): boolean {
  const found = gatewayClasses.get(className);
  return !found || found.spec.controllerName === controllerName;
}

function deletionOf({ apiVersion, kind, metadata: { namespace = "", name, uid, resourceVersion } }: ConfigMap): Deletion {
  return { apiVersion, kind, namespace, name, ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) };
}
