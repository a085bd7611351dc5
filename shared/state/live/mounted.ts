import { deliveryName } from "../../render/delivery/names.ts";
import type { ClusterState } from "../../resources/cluster.ts";
import { deliveryKinds, type DeliveryKind } from "../../resources/delivery.ts";
import type { KubeObject } from "../../resources/meta.ts";

/** `namespace/name` of Secrets and ConfigMaps of ours that may be there. */
export interface Mounted {
  readonly configMaps: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
}

export interface MountedOptions {
  readonly controllerName: string;
  readonly mode: "managed" | "legacy";
  /** Absent: direct. */
  readonly delivery?: DeliveryKind;
  readonly deliveryObject?: "Secret" | "ConfigMap";
  /** Whatever any mode and delivery may have made is looked for: nothing is to be left of it. */
  readonly everything?: boolean;
  /** `Kind/namespace/name` of those that were there at the last load. */
  readonly knownObjects?: readonly string[];
}

/**
 * What the delivery of configurations may have made (DESIGN.md 4.3). Secrets cannot be found by their labels: who may
 * list some may list all. So those are named that are to be there, those that pods of ours mount, and those that were
 * there before: of a delivery that has been changed nothing is left behind.
 * @param state needs the kinds of Gateway API and workloads of ours only
 */
export function findMounted(state: ClusterState, { controllerName, knownObjects = [], ...options }: MountedOptions): Mounted {
  const found = { ConfigMap: new Set<string>(), Secret: new Set<string>() };
  if (options.mode === "legacy" && !options.everything) return { configMaps: found.ConfigMap, secrets: found.Secret };
  for (const gateway of state.gateways.values()) {
    const gatewayClass = state.gatewayClasses.get(gateway.spec.gatewayClassName);
    // A class that is gone may have been ours.
    if (gatewayClass ? gatewayClass.spec.controllerName !== controllerName : !options.everything) continue;
    for (const kind of mountedKinds(options)) found[kind].add(keyFor(gateway));
  }
  for (const workload of [...state.deployments.values(), ...state.daemonSets.values()]) {
    for (const [kind, key] of mountedBy(workload)) found[kind].add(key);
  }
  for (const known of knownObjects) {
    const [, kind, key] = /^(ConfigMap|Secret)\/(.+)$/.exec(known) ?? [];
    if (kind && key) found[kind as keyof typeof found].add(key);
  }
  return { configMaps: found.ConfigMap, secrets: found.Secret };
}

/** Kinds of what pods mount that are to be looked for. */
export function mountedKinds({ mode, delivery = "direct", deliveryObject = "Secret", everything = false }: Omit<MountedOptions, "controllerName">): readonly ("ConfigMap" | "Secret")[] {
  if (everything) return ["ConfigMap", "Secret"];
  return mode === "managed" ? deliveryKinds(delivery, deliveryObject) : [];
}

function keyFor({ metadata: { namespace = "", name } }: KubeObject): string {
  return `${namespace}/${deliveryName(name)}`;
}

interface Volume {
  readonly configMap?: { readonly name?: unknown };
  readonly secret?: { readonly secretName?: unknown };
}

/** Only by the name that we give: pods may have volumes of others. A workload has its Gateway's name. */
function mountedBy(workload: KubeObject): (readonly ["ConfigMap" | "Secret", string])[] {
  const { template } = (workload["spec"] ?? {}) as { template?: { spec?: { volumes?: readonly Volume[] } } };
  const name = deliveryName(workload.metadata.name);
  return (template?.spec?.volumes ?? []).flatMap(({ configMap, secret }) => [
    ...(configMap?.name === name ? [["ConfigMap", keyFor(workload)] as const] : []),
    ...(secret?.secretName === name ? [["Secret", keyFor(workload)] as const] : []),
  ]);
}
