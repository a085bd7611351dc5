import { reference, type Manifest } from "../resource.ts";
import type { Cluster } from "../cluster.ts";
import { backend, dataplane, gateway, gatewayClass, gatewayConfig, install, listener, namespace, secret, udpRoute } from "../live-fixture.ts";

const FOREIGN = "foreign.example";
const second = (gatewayClassName = "turn"): Manifest => ({
  ...gateway("second", { gatewayClassName, listeners: [listener("tcp", 3478, "TURN-TCP")] }),
  metadata: { name: "second", namespace: "media", annotations: { "stunner.l7mp.io/service-type": "NodePort" } },
});
const slice = (address: string): Manifest => ({ ...(backend()[1] as Manifest), endpoints: [{ addresses: [address], conditions: { ready: true } }] });

/** What we are to turn into a dataplane, at first. */
const FIRST: readonly Manifest[] = [gatewayClass(), gatewayConfig(), secret(), dataplane(), gateway(), second(), udpRoute("route", { parents: ["gw", "second"] }), slice("10.244.0.11")];
/** Listeners, a pod template, endpoints and a route change. */
const CHANGED: readonly Manifest[] = [
  dataplane({ args: ["-w"] }), gateway("gw", { listeners: [listener("udp", 3479), listener("udp-2", 3480)] }), udpRoute("route", { parents: ["gw"] }), slice("10.244.0.12"),
];
/** One Gateway's Deployment becomes a DaemonSet, the other Gateway goes to somebody else's class. */
const EXCHANGED: readonly Manifest[] = [dataplane({ args: ["-w"], dataplaneResource: "DaemonSet" }), second("theirs"), slice("10.244.0.13")];
const BACK: readonly Manifest[] = [dataplane({ args: ["-w"] }), second(), slice("10.244.0.12")];

export interface Step {
  readonly name: "make" | "change" | "exchange";
  /** What somebody edits. */
  readonly edit: readonly Manifest[];
  /** Edits that undo it; none: everything is made anew. */
  readonly undo: readonly Manifest[];
}

export const STEPS: readonly Step[] = [
  { name: "make", edit: FIRST, undo: [] },
  { name: "change", edit: CHANGED, undo: [dataplane(), gateway(), udpRoute("route", { parents: ["gw", "second"] }), slice("10.244.0.11")] },
  { name: "exchange", edit: EXCHANGED, undo: BACK },
];

const byHand = (apiVersion: string, kind: string, fields: object): Manifest => ({
  ...reference(apiVersion, kind, "by-hand", "media"),
  metadata: { name: "by-hand", namespace: "media", labels: { app: "stunner", "stunner.l7mp.io/related-gateway-name": "gw", "stunner.l7mp.io/related-gateway-namespace": "media" } },
  ...fields,
});
const LABELS = { app: "by-hand" };
const TEMPLATE = { metadata: { labels: LABELS }, spec: { containers: [{ name: "x", image: "x" }] } };

/** What nobody asked us to touch, though some of it looks like ours. */
export const STRANGERS: readonly Manifest[] = [
  gatewayClass({ controllerName: `${FOREIGN}/controller`, parametersRef: undefined }, "theirs"),
  gateway("theirs", { gatewayClassName: "theirs" }),
  byHand("v1", "Service", { spec: { ports: [{ port: 1 }] } }),
  byHand("v1", "ConfigMap", { data: { a: "b" } }),
  byHand("apps/v1", "Deployment", { spec: { selector: { matchLabels: LABELS }, template: TEMPLATE } }),
  byHand("apps/v1", "DaemonSet", { spec: { selector: { matchLabels: LABELS }, template: TEMPLATE } }),
  backend()[0] as Manifest,
];

const marks = (what: string): object => ({ labels: { [`${FOREIGN}/${what}`]: "x" }, annotations: { [`${FOREIGN}/${what}`]: "y" }, finalizers: [`${FOREIGN}/keep`] });
const CONDITION = { type: `${FOREIGN}/Checked`, status: "True", reason: "Seen", message: "by somebody else", lastTransitionTime: "2024-01-01T00:00:00Z", observedGeneration: 1 };

/** Somebody else's marks, statuses and finalizers on what is ours or what we write statuses to. */
export async function markAsStranger(cluster: Cluster): Promise<void> {
  const route = udpRoute();
  await cluster.patch(gateway(), { metadata: marks("gateway") });
  await cluster.patch(route, { metadata: marks("route") });
  const live = await cluster.get(gateway());
  const conditions = ((live?.["status"] as { conditions?: object[] } | undefined)?.conditions ?? []) as object[];
  await putStatus(cluster, gateway(), { ...(live?.["status"] as object), conditions: [...conditions, CONDITION] });
  const parents = ((await cluster.get(route))?.["status"] as { parents?: object[] } | undefined)?.parents ?? [];
  const parent = { parentRef: { name: "elsewhere" }, controllerName: `${FOREIGN}/controller`, conditions: [{ ...CONDITION, type: "Accepted" }] };
  await putStatus(cluster, route, { parents: [...parents, parent] });
}

/** The same on a Service of ours, with the address of a load balancer. */
export async function markService(cluster: Cluster): Promise<void> {
  const service = reference("v1", "Service", "gw", "media");
  await cluster.patch(service, { metadata: marks("service") });
  await putStatus(cluster, service, { loadBalancer: { ingress: [{ ip: "203.0.113.5" }] } });
}

async function putStatus(cluster: Cluster, object: Manifest, status: object): Promise<void> {
  await cluster.patch(object, { status }, { subresource: "status" });
}

/** Everything that there is to begin with. */
export async function installFirst(cluster: Cluster): Promise<void> {
  await install(cluster, [namespace("media"), ...STRANGERS, ...FIRST]);
}

/** Takes away what was made, and makes what it was made for anew, as if nobody had ever looked at it. */
export async function unmake(cluster: Cluster): Promise<void> {
  const again = FIRST.filter(({ kind }) => ["GatewayClass", "Gateway", "UDPRoute"].includes(kind));
  const made = ["gw", "second"].flatMap((name) => [reference("v1", "Service", name, "media"), reference("apps/v1", "Deployment", name, "media")]);
  for (const object of again) await cluster.patch(object, { metadata: { finalizers: null } });
  for (const object of [...again, ...made]) await cluster.delete(object);
  await install(cluster, again);
  await markAsStranger(cluster);
}
