import { makeable, objectKey } from "../apply/ownership.ts";
import { wroteCondition } from "../render/managed-fields.ts";
import type { ClusterState } from "../resources/cluster.ts";
import { OWNED_BY_LABEL, OWNED_BY_VALUE } from "../resources/constants.ts";
import type { Gateway } from "../resources/gateway.ts";
import { type KubeObject, keyOf } from "../resources/meta.ts";
import type { References } from "../state/live/references.ts";

/**
 * What the last pass found, as far as it decides whether an event matters: `clusters/<cluster>/refs.json` (DESIGN.md
 * 4.2). Names are `namespace/name`, or `name` without a namespace.
 */
export interface Refs {
  readonly references: References;
  /** GatewayClasses of other controllers. */
  readonly foreignClasses: ReadonlySet<string>;
  /** Gateways of such classes on which nothing of ours is left. */
  readonly foreignGateways: ReadonlySet<string>;
  /** All others: ours, and those that may have been. */
  readonly gateways: ReadonlySet<string>;
  /** `Kind/namespace/name` of what bears the owned-by label. */
  readonly owned: ReadonlySet<string>;
  /** EndpointSlices that were counted to a backend. */
  readonly slices: ReadonlySet<string>;
}

/** @param state as `loadLive` gives it */
export function refsOf(state: ClusterState, references: References, controllerName: string): Refs {
  const foreignClasses = new Set([...state.gatewayClasses.values()].filter((one) => one.spec.controllerName !== controllerName).map(keyOf));
  const isForeign = (one: Gateway): boolean => foreignClasses.has(one.spec.gatewayClassName) && !bearsOurStatus(one, controllerName);
  const gateways = [...state.gateways.values()];
  const owned = [...makeable(state)].filter(({ metadata }) => metadata.labels?.[OWNED_BY_LABEL] === OWNED_BY_VALUE).map(objectKey);
  const slices = [...references.backends].flatMap((backend) => (state.slicesByService.get(backend) ?? []).map(keyOf));
  return {
    references,
    foreignClasses,
    foreignGateways: new Set(gateways.filter(isForeign).map(keyOf)),
    gateways: new Set(gateways.filter((one) => !isForeign(one)).map(keyOf)),
    owned: new Set(owned),
    slices: new Set(slices),
  };
}

/** The status of one that others took over is ours to clear (improvements I9). */
function bearsOurStatus({ metadata }: KubeObject, controllerName: string): boolean {
  return wroteCondition(metadata, "Accepted", controllerName) || wroteCondition(metadata, "Programmed", controllerName);
}

/**
 * What is known after a load of which a part could not be read: what was referred to before still is, and only what has
 * been read now is known to be foreign. Undefined where nothing was known before: then everything matters.
 */
export function refsAfterPartialLoad(before: Refs | undefined, now: Refs): Refs | undefined {
  if (before === undefined) return undefined;
  const [a, b] = [before.references, now.references];
  return {
    references: {
      secrets: union(a.secrets, b.secrets),
      namespaces: union(a.namespaces, b.namespaces),
      services: union(a.services, b.services),
      backends: union(a.backends, b.backends),
      staticServices: union(a.staticServices, b.staticServices),
      configMaps: union(a.configMaps, b.configMaps),
    },
    foreignClasses: now.foreignClasses,
    foreignGateways: now.foreignGateways,
    gateways: union(before.gateways, now.gateways),
    owned: union(before.owned, now.owned),
    slices: union(before.slices, now.slices),
  };
}

function union(one: ReadonlySet<string>, other: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...one, ...other]);
}
