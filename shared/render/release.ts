import { OWNED_BY_LABEL, OWNED_BY_VALUE } from "../resources/constants.ts";
import type { Gateway } from "../resources/gateway.ts";
import { keyOf, type KubeObject } from "../resources/meta.ts";
import type { Context } from "./context.ts";
import { wroteCondition } from "./managed-fields.ts";
import { classOfConfigMap } from "./config-map-owner.ts";
import { isOwnedBy } from "./owner.ts";
import type { DesiredStatus, RenderOptions } from "./result.ts";

/** Gateways that were ours and are not any more (improvements I9). */
export interface Releases {
  /** Their objects go, their statuses lose what we wrote. */
  readonly released: readonly Gateway[];
  /** Their class is absent; until they are released everything of theirs stays. */
  readonly orphans: readonly Gateway[];
}

/** At once where another controller's class took over, or under `teardown`; else when `options.released` says so. */
export function findReleases(context: Context): Releases {
  const { state, options } = context;
  const released: Gateway[] = [];
  const orphans: Gateway[] = [];
  for (const [key, gateway] of state.gateways) {
    if (context.isOurs(gateway) || !bearsOurMark(context, gateway)) continue;
    const isTaken = state.gatewayClasses.has(gateway.spec.gatewayClassName);
    if (isTaken || isReleased(options, key)) released.push(gateway);
    if (!isTaken) orphans.push(gateway);
  }
  return { released, orphans: orphans.filter((one) => !released.includes(one)) };
}

/** What has no class is let go at once under `teardown`, else when it has been so long enough. */
export function isReleased(options: RenderOptions, key: string): boolean {
  return options.onInvalid === "teardown" || options.released.has(key);
}

/** Classes, as `/name`, that are gone while a legacy ConfigMap of theirs is still there. */
export function orphanedClasses({ state, options }: Context): string[] {
  if (options.mode === "managed") return [];
  const classes = [...state.configMaps.values()].flatMap((object) => classOfConfigMap(object) ?? []);
  return classes.filter((name) => !state.gatewayClasses.has(name) && !isReleased(options, `/${name}`)).map((name) => `/${name}`);
}

/**
 * What is published under its name is ours, and so is what we wrote into its status. The owned-by label alone is not
 * enough where the class has another controller: that may be another installation of ours.
 */
function bearsOurMark(context: Context, gateway: Gateway): boolean {
  const { state, options } = context;
  const key = keyOf(gateway);
  if (options.published.has(key) || ["Accepted", "Programmed"].some((type) => wroteCondition(gateway.metadata, type, options.controllerName))) return true;
  if (state.gatewayClasses.has(gateway.spec.gatewayClassName)) return false;
  const objects = [state.services.get(key), state.deployments.get(key), state.daemonSets.get(key)];
  return objects.some((one) => one !== undefined && isOwned(one, gateway));
}

/** Owned: by label and by ownerReference to this very Gateway, never by name alone (improvements I9, I32). */
export function isOwned(object: KubeObject, gateway: Gateway): boolean {
  return object.metadata.labels?.[OWNED_BY_LABEL] === OWNED_BY_VALUE && isOwnedBy(object, gateway);
}

/** The status of a released Gateway without what we wrote; undefined where there is nothing of ours in it. */
export function releasedStatus(gateway: Gateway, controllerName: string): DesiredStatus | undefined {
  // A source that keeps no managedFields has no other writers of statuses either.
  const isOurs = (type: string) => gateway.metadata["managedFields"] === undefined || wroteCondition(gateway.metadata, type, controllerName);
  const { conditions = [], addresses, listeners, ...rest } = gateway.status ?? {};
  const types = ["Accepted", "Programmed"].filter((type) => isOurs(type) && conditions.some((one) => one.type === type && one.status !== "Unknown"));
  if (types.length === 0) return undefined;
  const wroteAll = types.length === 2;
  return {
    apiVersion: gateway.apiVersion,
    kind: "Gateway",
    namespace: gateway.metadata.namespace ?? "",
    name: gateway.metadata.name,
    status: {
      ...rest,
      conditions: conditions.filter((one) => !types.includes(one.type)),
      ...(wroteAll ? {} : { ...(addresses ? { addresses } : {}), ...(listeners ? { listeners } : {}) }),
    },
  };
}
