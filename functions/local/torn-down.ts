import { type Cluster, type LoadedCluster, unguarded } from "../../shared/apply/cluster.ts";
import { makeable, ownerOf } from "../../shared/apply/ownership.ts";
import { title } from "../../shared/apply/title.ts";
import { isOtherCluster } from "../../shared/cds/other-cluster.ts";
import { finalized } from "../../shared/reconcile/finalize.ts";
import { markTornDown } from "../../shared/reconcile/torn-down.ts";
import { classOfConfigMap } from "../../shared/render/config-map-owner.ts";
import type { Deletion } from "../../shared/render/result.ts";
import type { ClusterState } from "../../shared/resources/cluster.ts";
import type { ConfigMap } from "../../shared/resources/config-map.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";

/** @param permit awaited before it is written: the lease of the pass */
type Mark = (loaded: LoadedCluster, permit: () => Promise<void>) => Promise<void>;

/** Marks the cluster in the store as torn down, unless what is published there is another one's. */
export function markIn(store: ObjectStore, name: string): Mark {
  return async ({ clusterUid }, permit) => {
    if (await isOtherCluster(store, name, clusterUid)) return;
    await permit();
    await markTornDown(store, name, Date.now());
  };
}

/**
 * A cluster whose next pass, in managed mode with `onInvalid: teardown`, removes everything of ours: what the finalizer
 * does, and the ConfigMaps of legacy mode besides (spec/rendering.md 2.6).
 * @param mark keeps others from making it again
 */
export function tornDown(cluster: Cluster, controllerName: string, mark: Mark): Cluster {
  return finalized(
    {
      ...cluster,
      async load(beforeWrite = unguarded) {
        const loaded = await cluster.load(beforeWrite);
        await mark(loaded, beforeWrite);
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
