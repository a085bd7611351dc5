import { renderAuth } from "../render/auth.ts";
import type { RenderOptions } from "../render/result.ts";
import { secretText } from "../render/secret.ts";
import type { ClusterState } from "../resources/cluster.ts";
import { STUNNER_GROUP } from "../resources/constants.ts";
import type { GatewayConfig } from "../resources/gateway-config.ts";
import type { Gateway } from "../resources/gateway.ts";
import type { KubeObject } from "../resources/meta.ts";
import type { Secret } from "../resources/secret.ts";
import { clusterState } from "../state/cluster-state.ts";
import type { References } from "../state/live/references.ts";
import { compact } from "./compact.ts";

/** What the last pass left for judging. The same cluster gives the same text. */
export interface Snapshot {
  /** Without secrets, as `compact` leaves them. */
  readonly objects: readonly KubeObject[];
  /** Ids of Services, Secrets and Namespaces that something refers to and that were looked for in vain. */
  readonly absent: readonly string[];
}

/** A StaticService of the snapshot only tells that it is there, and what of others stands in its shadow. */
const MOST_PREFIXES = 100;
/** Stands for bytes that are there: base64 of `x`. */
const SET = "eA==";

/**
 * The snapshot of a pass that has read everything (DESIGN.md 4.2: `clusters/<cluster>/judge.json`).
 * @param references of the same load
 */
export function snapshotOf(state: ClusterState, references: References, options: RenderOptions): Snapshot {
  const isForeign = ({ spec }: Gateway): boolean => {
    const gatewayClass = state.gatewayClasses.get(spec.gatewayClassName);
    return gatewayClass !== undefined && gatewayClass.spec.controllerName !== options.controllerName;
  };
  const judged = [state.gatewayClasses, state.gatewayConfigs, state.dataplanes, state.udpRoutes, state.officialUdpRoutes, state.staticServices];
  const gateways = [...state.gateways.values()].map((one) => compact(isForeign(one) ? nameOnly(one) : one, 0));
  const { backends, namespaces, secrets } = references;
  return {
    objects: [
      ...judged.flatMap((objects) => [...objects.values()].map((one) => compact(one, MOST_PREFIXES))),
      ...gateways,
      ...[...state.referenceGrants.values()].map((one) => compact(one, 0)),
      ...present(backends, state.services).map((one) => ({ ...compact(one, 0), spec: { type: one.spec?.type, clusterIP: one.spec?.clusterIP } })),
      ...present(namespaces, state.namespaces).map(({ apiVersion, kind, metadata: { name, labels = {} } }) => ({ apiVersion, kind, metadata: { name, labels } })),
      ...present(secrets, state.secrets).map((one) => ({ ...compact(one, 0), data: emptied(one, options) })),
    ],
    absent: [...lost("Service", backends, state.services), ...lost("Namespace", namespaces, state.namespaces), ...lost("Secret", secrets, state.secrets)],
  };
}

function lost(kind: string, keys: ReadonlySet<string>, objects: ReadonlyMap<string, unknown>): string[] {
  return [...keys].filter((key) => !objects.has(key)).sort().map((key) => `/${kind}/${key}`);
}

/** A Gateway of another controller: that it is there, and whose it is. */
function nameOnly({ apiVersion, kind, metadata: { namespace, name }, spec }: Gateway): KubeObject {
  return { apiVersion, kind, metadata: { namespace, name }, spec: { gatewayClassName: spec.gatewayClassName, listeners: [] } };
}

function present<T>(keys: ReadonlySet<string>, objects: ReadonlyMap<string, T>): T[] {
  return [...keys].sort().flatMap((key) => objects.get(key) ?? []);
}

/** Which keys a Secret has, and of its `type`, where that is one, the word. */
function emptied(secret: Secret, options: RenderOptions): Record<string, string> {
  const data = Object.entries(secret.data ?? {}).flatMap(([key, value]) => (typeof value === "string" ? [[key, value === "" ? "" : SET] as const] : []));
  const type = secretText(secret, "type");
  const known = type !== undefined && isAuthType(type, options) ? { type: Buffer.from(type).toString("base64") } : {};
  return { ...Object.fromEntries(data), ...known };
}

/** Anything else under that key may be a credential. The renderer decides, by a config in which all else is right. */
function isAuthType(authType: string, options: RenderOptions): boolean {
  const config: GatewayConfig = {
    apiVersion: `${STUNNER_GROUP}/v1`,
    kind: "GatewayConfig",
    metadata: { name: "any", namespace: "any" },
    spec: { authType, userName: "x", password: "x", sharedSecret: "x" },
  };
  return renderAuth(clusterState([]), options, config).failure === undefined;
}
