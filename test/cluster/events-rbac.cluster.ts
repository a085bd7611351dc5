import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clusterManifests, PARTS } from "../../infra/manifests.ts";
import { policyRules, type PolicyRule, type RbacOptions } from "../../infra/rbac/rules.ts";
import { ClusterError } from "../../shared/apply/cluster.ts";
import { createApiCluster } from "../../shared/apply/live/api-cluster.ts";
import { createClusterEvents } from "../../shared/events/cluster-events.ts";
import { keepWebhook } from "../../shared/events/keep-webhook.ts";
import { WEBHOOK_NAME } from "../../shared/events/webhook-scope.ts";
import { render } from "../../shared/render/render.ts";
import type { RenderOptions } from "../../shared/render/result.ts";
import { groupOf } from "../../shared/resources/kinds.ts";
import { CONTROLLER_NAME, DEFAULT_LABEL_FILTER } from "../../shared/resources/constants.ts";
import { findBinaries } from "./binaries.ts";
import { installCrds, readCrds, type CustomResourceDefinition } from "./crds.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { kubeClient } from "./events-support.ts";
import { reference, type Manifest, type Resource } from "./resource.ts";
import { untilGone, untilLive } from "./until.ts";

const ACCOUNT = "system:serviceaccount:stunner-system:stunner-serverless";
const PARAMETERS = { group: "stunner.l7mp.io", kind: "GatewayConfig", namespace: "media", name: "config" };
const gatewayApi = (kind: string, name: string, spec: object, namespace?: string): Manifest => ({ ...reference("gateway.networking.k8s.io/v1", kind, name, namespace), spec }) as Manifest;
const stunner = (kind: string, name: string, spec: object, namespace?: string): Manifest => ({ ...reference("stunner.l7mp.io/v1", kind, name, namespace), spec }) as Manifest;
const gateway = (className: string): Manifest =>
  gatewayApi("Gateway", "gw", {
    gatewayClassName: className,
    listeners: [
      { name: "udp", port: 3478, protocol: "TURN-UDP", allowedRoutes: { namespaces: { from: "Selector", selector: {} } } },
      { name: "tls", port: 443, protocol: "TURN-TLS", tls: { certificateRefs: [{ name: "cert" }] } },
    ],
  }, "media");

const byHand = (kind: string): Manifest => {
  const labels = { app: "stunner", "stunner.l7mp.io/related-gateway-name": "gw", "stunner.l7mp.io/related-gateway-namespace": "media" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "stunner-daemon", image: "by-hand" }] } };
  // A selector can never be changed, so it must be what we want in the first place.
  const matchExpressions = Object.entries(labels).map(([key, value]) => ({ key, operator: "In", values: [value] }));
  return { ...reference("apps/v1", kind, "gw", "media"), spec: { selector: { matchExpressions }, template } };
};

/** Something of everything that is read or written. */
const OBJECTS: readonly Manifest[] = [
  reference("v1", "Namespace", "media"),
  gatewayApi("GatewayClass", "stunner", { controllerName: CONTROLLER_NAME, parametersRef: PARAMETERS }),
  gatewayApi("GatewayClass", "foreign", { controllerName: "example.org/other" }),
  stunner("GatewayConfig", "config", { authRef: { name: "auth" } }, "media"),
  { ...reference("v1", "Secret", "auth", "media"), stringData: { type: "static", username: "u", password: "p" } },
  { ...reference("v1", "Secret", "cert", "media"), type: "kubernetes.io/tls", stringData: { "tls.crt": "", "tls.key": "" } },
  gateway("stunner"),
  stunner("UDPRoute", "native", { parentRefs: [{ name: "gw" }], rules: [{ backendRefs: [{ name: "livekit" }, { group: "stunner.l7mp.io", kind: "StaticService", name: "static" }] }] }, "media"),
  gatewayApi("UDPRoute", "official", { parentRefs: [{ name: "gw" }], rules: [{ backendRefs: [{ name: "livekit", port: 1 }] }] }, "media"),
  stunner("StaticService", "static", { prefixes: ["192.0.2.0/24"] }, "media"),
  { ...reference("v1", "Service", "livekit", "media"), spec: { ports: [{ port: 1 }] } },
  // Somebody was here before: what has no label of ours is not listed, and looked at before it is written.
  byHand("Deployment"),
  byHand("DaemonSet"),
];

type Mode = "managed" | "legacy";

describe.each<{ mode: Mode; endpointSlices: boolean }>([{ mode: "managed", endpointSlices: true }, { mode: "legacy", endpointSlices: false }])(
  "the rights that are installed, $mode",
  ({ mode, endpointSlices }) => {
    let cluster: Cluster;
    const rbac: RbacOptions = { mode, endpointSlices, watch: true, webhook: WEBHOOK_NAME };
    const options: Omit<RenderOptions, "published" | "released" | "now"> = {
      controllerName: CONTROLLER_NAME, mode, endpointDiscovery: true, endpointSlices, onInvalid: "teardown", referenceGrants: "permit",
      certificates: "trust", labelFilter: DEFAULT_LABEL_FILTER, configOrigin: "http://192.0.2.1:13478",
    };

    beforeAll(async () => {
      cluster = await startCluster({ gatewayApi: "newest", auditLog: true, crds: false });
      await installCrds(cluster, readCrds(findBinaries().gatewayApi.newest));
      // What the verb prints is what an API server takes, in its order.
      const manifests = clusterManifests({
        mode, endpointSlices, watch: true, namespace: "stunner-system", users: [], groups: [], longLivedToken: true, image: "stunnerd", parts: PARTS,
        webhook: { url: "https://127.0.0.1:1", cluster: "test", token: "t", secrets: true },
      }) as Manifest[];
      await installCrds(cluster, manifests.filter(isCrd) as CustomResourceDefinition[]);
      for (const object of manifests.filter((one) => !isCrd(one))) await cluster.create(object);
      for (const object of OBJECTS) await cluster.apply(object);
    });
    afterAll(() => cluster.stop());

    test("are enough for everything, and no more than is used", async () => {
      const token = await cluster.serviceAccountToken("stunner-system", "stunner-serverless");
      const client = kubeClient(await cluster.kubeconfigFor({ token }));
      const mark = await cluster.audit().mark();
      const settings = { controllerName: CONTROLLER_NAME, mode, endpointSlices, endpointDiscovery: true } as const;
      const refused: string[] = [];
      const events = createClusterEvents({
        client,
        settings,
        watch: { onTrouble: ({ id }, error) => error !== undefined && refused.push(id) },
        queue: { throttle: 20, resync: 600_000, retry: 100 },
        async pass() {
          const live = createApiCluster({ ...settings, client: events.client, discover: () => events.discover(), now: Date.now, onLoad: (loaded) => events.loaded(loaded) });
          const { state, unread } = await live.load();
          refused.push(...unread);
          const result = render(state, { ...options, published: new Map(), released: new Set(), now: Date.now() });
          const failures: unknown[] = [];
          const failed = (error: unknown): void => void failures.push(error);
          for (const object of result.objects) await live.write(object).catch(failed);
          for (const deletion of result.deletions) await live.remove(deletion).catch(failed);
          for (const status of result.statuses) await live.writeStatus(status).catch(failed);
          await keepWebhook(client, events.refs()?.references ?? { backends: new Set(), secrets: new Set() }, { cluster: "test" }).catch(failed);
          refused.push(...failures.filter(isRefusal).map(String));
          return { again: failures.length > 0 };
        },
      });
      await events.start();
      const used = async (): Promise<string[]> => rightsUsed(await cluster.audit().entries(mark));
      const made = mode === "managed" ? reference("apps/v1", "Deployment", "gw", "media") : reference("v1", "ConfigMap", "stunnerd-config", "media");
      await untilLive(cluster, made, isOwned);
      // Once its status bears our mark, a Gateway that goes elsewhere is known to have been ours.
      await untilLive(cluster, gateway("stunner"), ({ metadata }) => JSON.stringify(metadata["managedFields"]).includes('"manager":"stunner-serverless'));
      if (mode === "managed") {
        await cluster.patch(stunner("Dataplane", "default", {}), { spec: { dataplaneResource: "DaemonSet" } });
        await untilLive(cluster, reference("apps/v1", "DaemonSet", "gw", "media"), isOwned);
        await untilGone(cluster, made);
      }
      // An announced write is waited for by reading it.
      for (const [apiVersion, kind, name] of ANNOUNCED) {
        const namespace = CLUSTER_SCOPED.has(kind) ? {} : { namespace: "media" };
        const labels = [{ "kubernetes.io/service-name": "livekit" }];
        events.offer({ group: groupOf(apiVersion), kind, apiVersion, ...namespace, name, operation: "update", labels, visible: { until: "updated" } });
      }
      await cluster.apply(gateway("foreign"));
      await untilGone(cluster, reference("v1", "Service", "gw", "media"));
      if (mode === "legacy") {
        await cluster.delete(reference("gateway.networking.k8s.io/v1", "GatewayClass", "stunner"));
        await untilGone(cluster, made);
      }
      const granted = new Set(rightsIn(policyRules(rbac)));
      await expect.poll(async () => [...granted.difference(new Set(await used()))], { timeout: 20_000 }).toEqual([]);
      await events.close();
      client.close();
      expect(refused).toEqual([]);
      const entries = await cluster.audit().entries(mark);
      expect(entries.filter(({ user, responseStatus }) => user.username === ACCOUNT && responseStatus?.code === 403).map(({ requestURI }) => requestURI)).toEqual([]);
    });
  },
);

const isCrd = ({ kind }: Manifest): boolean => kind === "CustomResourceDefinition";

/** A conflict is none: it is for the next pass. */
const isRefusal = (error: unknown): boolean => !(error instanceof ClusterError && error.retryable);

const isOwned = ({ metadata }: Resource): boolean => JSON.stringify(metadata["labels"] ?? {}).includes('"stunner.l7mp.io/owned-by":"stunner"');

const CLUSTER_SCOPED: ReadonlySet<string> = new Set(["GatewayClass", "Dataplane", "Namespace"]);
const ANNOUNCED: readonly (readonly [string, string, string])[] = [
  ["gateway.networking.k8s.io/v1", "GatewayClass", "stunner"],
  ["gateway.networking.k8s.io/v1", "Gateway", "gw"],
  ["gateway.networking.k8s.io/v1", "UDPRoute", "official"],
  ["gateway.networking.k8s.io/v1", "ReferenceGrant", "x"],
  ["stunner.l7mp.io/v1", "GatewayConfig", "config"],
  ["stunner.l7mp.io/v1", "Dataplane", "default"],
  ["stunner.l7mp.io/v1", "StaticService", "static"],
  ["stunner.l7mp.io/v1", "UDPRoute", "native"],
  ["v1", "Service", "livekit"],
  ["discovery.k8s.io/v1", "EndpointSlice", "x"],
];

interface Entry {
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly objectRef?: { readonly apiGroup?: string; readonly resource: string; readonly subresource?: string };
}

/** `verb group/resource` of everything that rules grant. */
function rightsIn(rules: readonly PolicyRule[]): string[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) => apiGroups.flatMap((group) => resources.flatMap((one) => verbs.map((verb) => `${verb} ${group}/${one}`))));
}

/** The same of everything that the account did. */
function rightsUsed(entries: readonly Entry[]): string[] {
  return entries.flatMap(({ user, verb, objectRef }) =>
    user.username === ACCOUNT && objectRef ? [`${verb} ${objectRef.apiGroup ?? ""}/${objectRef.resource}${objectRef.subresource ? `/${objectRef.subresource}` : ""}`] : [],
  );
}
