import type { DesiredStatus, RenderResult } from "../../../shared/render/result.ts";
import type { StunnerdConfig, StunnerdListener } from "../../../shared/resources/stunnerd-config.ts";

/** Reads results in the short forms in which tests say what they want. */
export interface ConditionLike {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
}

interface ListenerStatusLike {
  readonly name: string;
  readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[];
  readonly attachedRoutes: number;
  readonly conditions: readonly ConditionLike[];
}

interface ParentLike {
  readonly parentRef: Readonly<Record<string, unknown>>;
  readonly controllerName: string;
  readonly conditions: readonly ConditionLike[];
}

export interface StatusLike {
  readonly conditions?: readonly ConditionLike[];
  readonly addresses?: readonly { readonly type?: string; readonly value?: string }[];
  readonly listeners?: readonly ListenerStatusLike[];
  readonly parents?: readonly ParentLike[];
}

/** `Accepted=True/Accepted`. */
export const brief = (conditions: readonly ConditionLike[] | undefined): string[] =>
  (conditions ?? []).map(({ type, status, reason }) => `${type}=${status}/${reason}`);

const keyOf = (one: DesiredStatus) => (one.namespace === undefined ? one.name : `${one.namespace}/${one.name}`);

/** The rendered status of an object, undefined where none is written. `key` is `namespace/name` or `name`. */
export function statusOf(result: RenderResult, kind: string, key: string, group?: string): StatusLike | undefined {
  const found = result.statuses.filter(
    (one) => one.kind === kind && keyOf(one) === key && (!group || one.apiVersion.startsWith(`${group}/`)),
  );
  if (found.length > 1) throw new Error(`${found.length} statuses of ${kind} ${key}`);
  return found[0]?.status as StatusLike | undefined;
}

export const classConditions = (result: RenderResult, name = "turn"): string[] => brief(statusOf(result, "GatewayClass", name)?.conditions);

export const gatewayConditions = (result: RenderResult, key = "media/gw"): string[] => brief(statusOf(result, "Gateway", key)?.conditions);

export function conditionOf(conditions: readonly ConditionLike[] | undefined, type: string): ConditionLike {
  const found = conditions?.find((one) => one.type === type);
  if (!found) throw new Error(`no condition ${type} in ${JSON.stringify(conditions)}`);
  return found;
}

export const acceptedMessage = (result: RenderResult, key = "media/gw"): string => conditionOf(
  statusOf(result, "Gateway", key)?.conditions,
  "Accepted",
).message;

/** Public addresses in the Gateway's status, `IPAddress 203.0.113.1`. */
export const addressesOf = (result: RenderResult, key = "media/gw"): string[] =>
  (statusOf(result, "Gateway", key)?.addresses ?? []).map(({ type, value }) => `${type} ${value}`);

export function listenerStatusOf(result: RenderResult, name: string, key = "media/gw"): ListenerStatusLike {
  const found = statusOf(result, "Gateway", key)?.listeners?.find((one) => one.name === name);
  if (!found) throw new Error(`no listener ${name} in the status of ${key}`);
  return found;
}

export const listenerConditions = (
  result: RenderResult,
  name: string,
  key = "media/gw",
): string[] => brief(listenerStatusOf(result, name, key).conditions);

/** `name=count` of every listener. */
export const attachedRoutes = (result: RenderResult, key = "media/gw"): string[] =>
  (statusOf(result, "Gateway", key)?.listeners ?? []).map((one) => `${one.name}=${one.attachedRoutes}`);

/** What a listener that is in order says. */
export const LISTENER_OK = [
  "Accepted=True/Accepted",
  "Conflicted=False/NoConflicts",
  "ResolvedRefs=True/ResolvedRefs",
  "Programmed=True/Programmed",
];

export function configOf(result: RenderResult, key = "media/gw"): StunnerdConfig | undefined {
  return result.configs.get(key)?.config;
}

export const listenersOf = (result: RenderResult, key = "media/gw"): StunnerdListener[] => configOf(result, key)?.listeners ?? [];

/** Rendered listeners as `udp TURN-UDP:3478`. */
export const listenerLines = (result: RenderResult, key = "media/gw"): string[] =>
  listenersOf(result, key).map((one) => `${one.name.split("/").at(-1)} ${one.protocol}:${one.port}`);

/** Public addresses of the rendered listeners, `udp 203.0.113.1:3478`, or `udp -`. */
export const publicLines = (result: RenderResult, key = "media/gw"): string[] =>
  listenersOf(result, key).map(
    (one) => `${one.name.split("/").at(-1)} ${one.public_address === undefined ? "-" : `${one.public_address}:${one.public_port}`}`,
  );

/** Clusters as `media/route STATIC 10.1.0.1 10.1.0.2`. */
export const clusterLines = (result: RenderResult, key = "media/gw"): string[] =>
  (configOf(result, key)?.clusters ?? []).map((one) => [one.name, one.type, ...(one.endpoints ?? [])].join(" "));

export const objectKeys = (result: RenderResult): string[] => result.objects.map(
  (one) => `${one.kind}/${one.metadata.namespace}/${one.metadata.name}`,
);

export const deletionKeys = (result: RenderResult): string[] => result.deletions.map((one) => `${one.kind}/${one.namespace}/${one.name}`);

/** A rendered object for `toMatchObject`, undefined where there is none. */
export const objectOf = (result: RenderResult, kind: string, key = "media/gw") =>
  result.objects.find((one) => one.kind === kind && `${one.metadata.namespace}/${one.metadata.name}` === key);

interface PortLike {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly targetPort: number;
  readonly nodePort?: number;
}

interface ServiceLike {
  readonly type: string;
  readonly sessionAffinity: string;
  readonly externalTrafficPolicy?: string;
  readonly loadBalancerIP?: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly PortLike[];
}

export const serviceSpec = (
  result: RenderResult,
  key = "media/gw",
): ServiceLike | undefined => objectOf(result, "Service", key)?.["spec"] as ServiceLike | undefined;

/** Ports of the Service as `udp UDP 3478>3478`, with `@30478` where there is a node port. */
export const servicePorts = (result: RenderResult, key = "media/gw"): string[] =>
  (serviceSpec(result, key)?.ports ?? []).map(
    (one) => `${one.name} ${one.protocol} ${one.port}>${one.targetPort}${one.nodePort === undefined ? "" : `@${one.nodePort}`}`,
  );

export const parentsOf = (result: RenderResult, key = "media/route", group = "stunner.l7mp.io"): readonly ParentLike[] | undefined =>
  statusOf(result, "UDPRoute", key, group)?.parents;

/** Route conditions, one line per parent: `gw Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs`. */
export const parentLines = (result: RenderResult, key = "media/route", group = "stunner.l7mp.io"): string[] =>
  (parentsOf(result, key, group) ?? []).map(({ parentRef, conditions }) => {
    const { namespace, name, sectionName, port } = parentRef;
    const section = sectionName === undefined ? "" : `#${String(sectionName)}`;
    const place = port === undefined ? "" : `:${String(port)}`;
    const where = `${namespace === undefined ? "" : `${String(namespace)}/`}${String(name)}${section}${place}`;
    return [where, ...brief(conditions)].join(" ");
  });

/** Message of ResolvedRefs of the route's first parent. */
export const refsMessage = (result: RenderResult, key = "media/route", group = "stunner.l7mp.io"): string =>
  conditionOf(parentsOf(result, key, group)?.[0]?.conditions, "ResolvedRefs").message;

/** Problems as `error Gateway media/gw spec.listeners[0].port PortUnavailable`. */
export const problemLines = (result: RenderResult): string[] => result.problems.map(
  (one) => `${one.severity} ${one.object} ${one.field} ${one.reason}`,
);
