import { render } from "../../../shared/render/render.ts";
import type { RenderOptions, RenderResult } from "../../../shared/render/result.ts";
import type { ClusterState } from "../../../shared/resources/cluster.ts";
import { CONTROLLER_NAME } from "../../../shared/resources/constants.ts";
import type { GatewayConfig } from "../../../shared/resources/gateway-config.ts";
import type { Gateway } from "../../../shared/resources/gateway.ts";
import type { KubeObject } from "../../../shared/resources/meta.ts";
import { clusterState } from "../../../shared/state/cluster-state.ts";
import { RENDER_SETTINGS } from "../../support/render-settings.ts";
import { NOW } from "./fixtures.ts";

/**
 * Small builders of cluster objects with sane defaults: class `turn`, GatewayConfig `stunner-system/conf` with alice's password,
 * Dataplane `default`, Gateway `media/gw`. What a builder is given wins over its defaults.
 */
export type Fields = Record<string, unknown>;

const metadata = (key: string, more: Fields = {}): KubeObject["metadata"] => {
  const [name = "", namespace] = key.split("/").reverse();
  return { name, ...(namespace === undefined ? {} : { namespace }), uid: `uid-of-${name}`, generation: 7, ...more };
};

const object = (apiVersion: string, kind: string, key: string, rest: Fields, meta?: Fields): KubeObject => ({
  apiVersion,
  kind,
  metadata: metadata(key, meta),
  ...rest,
});

export const PARAMETERS_REF = { group: "stunner.l7mp.io", kind: "GatewayConfig", namespace: "stunner-system", name: "conf" };

export const gatewayClass = (spec: Fields = {}, key = "turn", meta: Fields = {}, status?: Fields): KubeObject =>
  object(
    "gateway.networking.k8s.io/v1",
    "GatewayClass",
    key,
    { spec: { controllerName: CONTROLLER_NAME, parametersRef: PARAMETERS_REF, ...spec }, ...(status ? { status } : {}) },
    meta,
  );

export const gatewayConfig = (
  spec: Fields = { userName: "alice", password: "wonder" },
  key = "stunner-system/conf",
  meta: Fields = {},
): KubeObject =>
  object("stunner.l7mp.io/v1", "GatewayConfig", key, { spec }, meta);

export const dataplane = (spec: Fields = {}, key = "default"): KubeObject => object("stunner.l7mp.io/v1", "Dataplane", key, { spec });

export const listener = (name: string, port: number, protocol: string, more: Fields = {}): Fields => ({ name, port, protocol, ...more });

export const UDP = listener("udp", 3478, "TURN-UDP");

/** A Gateway with the listeners, or with whatever `spec` says. */
export const gateway = (
  listeners: readonly Fields[] = [UDP],
  spec: Fields = {},
  key = "media/gw",
  meta: Fields = {},
  status?: Fields,
): KubeObject =>
  object(
    "gateway.networking.k8s.io/v1",
    "Gateway",
    key,
    { spec: { gatewayClassName: "turn", listeners, ...spec }, ...(status ? { status } : {}) },
    meta,
  );

/** Gateway `media/gw` with annotations. */
export const annotated = (annotations: Record<string, string>, listeners: readonly Fields[] = [UDP], spec: Fields = {}): KubeObject =>
  gateway(listeners, spec, "media/gw", { annotations });

export const tlsListener = (name: string, port: number, protocol: string, refs: readonly Fields[], tls: Fields = {}): Fields =>
  listener(name, port, protocol, { tls: { certificateRefs: refs, ...tls } });

/** A native route with one rule, attached to `media/gw`. */
export const route = (
  backendRefs: readonly Fields[] = [],
  spec: Fields = {},
  key = "media/route",
  meta: Fields = {},
  status?: Fields,
): KubeObject =>
  object(
    "stunner.l7mp.io/v1",
    "UDPRoute",
    key,
    { spec: { parentRefs: [{ name: "gw" }], rules: [{ backendRefs }], ...spec }, ...(status ? { status } : {}) },
    meta,
  );

/** The same route of Gateway API's group. */
export const officialRoute = (refs: readonly Fields[] = [], spec: Fields = {}, key = "media/route", version = "v1alpha2"): KubeObject => ({
  ...route(refs, spec, key),
  apiVersion: `gateway.networking.k8s.io/${version}`,
});

export const service = (key: string, spec: Fields = { clusterIP: "10.96.0.20" }, meta: Fields = {}, status?: Fields): KubeObject =>
  object("v1", "Service", key, { spec, ...(status ? { status } : {}) }, meta);

/** Label, annotation and ownerReference that mark what is made for a Gateway. */
export const ownership = (gatewayKey = "media/gw", uid?: string): Fields => {
  const name = gatewayKey.split("/").at(-1) ?? "";
  return {
    labels: { "stunner.l7mp.io/owned-by": "stunner" },
    annotations: { "stunner.l7mp.io/related-gateway-name": gatewayKey },
    ownerReferences: [{ apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", name, uid: uid ?? `uid-of-${name}` }],
  };
};

/** The owned Service of `media/gw` as it is live. */
export const ownedService = (spec: Fields = {}, ingress?: readonly Fields[], key = "media/gw", gatewayKey = key): KubeObject =>
  service(
    key,
    { type: "LoadBalancer", ports: [{ name: "udp", protocol: "UDP", port: 3478 }], ...spec },
    ownership(gatewayKey),
    ingress ? { loadBalancer: { ingress } } : undefined,
  );

export const workload = (kind: "Deployment" | "DaemonSet", key = "media/gw", meta: Fields = ownership(key)): KubeObject =>
  object("apps/v1", kind, key, { spec: {} }, meta);

/** One slice of a Service, one endpoint with these addresses. */
export const slice = (serviceKey: string, addresses: readonly string[], more: Fields = {}): KubeObject => {
  const [namespace = "", name = ""] = serviceKey.split("/");
  return object(
    "discovery.k8s.io/v1",
    "EndpointSlice",
    `${namespace}/${name}-abc`,
    { addressType: "IPv4", endpoints: [{ addresses }], ...more },
    { labels: { "kubernetes.io/service-name": name } },
  );
};

export const endpoints = (key: string, subsets: readonly Fields[]): KubeObject => object("v1", "Endpoints", key, { subsets });

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");

/** A Secret whose data are given as plain text. */
export const secret = (key: string, data: Record<string, string>, type = "Opaque"): KubeObject =>
  object("v1", "Secret", key, { type, data: Object.fromEntries(Object.entries(data).map(([name, text]) => [name, base64(text)])) });

export const staticService = (key: string, prefixes: readonly string[]): KubeObject => object(
  "stunner.l7mp.io/v1",
  "StaticService",
  key,
  { spec: { prefixes } },
);

export const node = (name: string, addresses: readonly Fields[]): KubeObject => object("v1", "Node", name, { status: { addresses } });

export const namespace = (name: string, labels: Record<string, string> = {}): KubeObject => object("v1", "Namespace", name, {}, { labels });

export const grant = (key: string, from: readonly Fields[], to: readonly Fields[]): KubeObject =>
  object("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", key, { spec: { from, to } });

export const configMap = (key: string, text: string, meta: Fields): KubeObject => object(
  "v1",
  "ConfigMap",
  key,
  { data: { "stunnerd.conf": text } },
  meta,
);

/** Managed mode with the project's own defaults. */
export const options = (changes: Partial<RenderOptions> = {}): RenderOptions => ({
  ...RENDER_SETTINGS,
  configOrigin: "http://cds.example.com:13478",
  published: new Map(),
  released: new Set(),
  now: NOW,
  ...changes,
});

/** Class, GatewayConfig and Dataplane in order; an object of the same key that is given beside them wins. */
export const stateWith = (...objects: KubeObject[]): ClusterState =>
  clusterState([gatewayClass(), gatewayConfig(), dataplane(), ...objects]);

export const rendered = (objects: readonly KubeObject[], changes: Partial<RenderOptions> = {}): RenderResult =>
  render(stateWith(...objects), options(changes));

/** The Gateway as the renderer sees it. */
export function theGateway(given: KubeObject): Gateway {
  const [found] = clusterState([given]).gateways.values();
  if (!found) throw new TypeError("no Gateway");
  return found;
}

export function theGatewayConfig(given: KubeObject): GatewayConfig {
  const [found] = clusterState([given]).gatewayConfigs.values();
  if (!found) throw new TypeError("no GatewayConfig");
  return found;
}
