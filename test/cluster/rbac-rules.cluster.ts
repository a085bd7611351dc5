import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clusterManifests } from "../../infra/manifests.ts";
import { policyRules } from "../../infra/rbac/rules.ts";
import { WEBHOOK_NAME } from "../../shared/events/webhook-scope.ts";
import { kindOf } from "../../shared/resources/kinds.ts";
import { openStore } from "../../shared/store/open.ts";
import { eventually, startServe } from "../support/running-serve.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { sampled } from "./faults/sample.ts";
import { STRANGERS } from "./faults/scenario.ts";
import { backend, dataplane, gateway, gatewayClass, gatewayConfig, install, listener, namespace, SMALL, tlsSecret, udpRoute } from "./live-fixture.ts";
import { createControlPlane } from "./live-control-plane.ts";
import { reference, type Manifest } from "./resource.ts";
import { allBut, names, rightsOf, textOf, type Right } from "./rights.ts";

const GATEWAY_API = "gateway.networking.k8s.io";
const RULES = policyRules({ mode: "managed", endpointSlices: true, watch: true, webhook: WEBHOOK_NAME });
const STATIC_SERVICE: Manifest = { ...reference("stunner.l7mp.io/v1", "StaticService", "static", "media"), spec: { prefixes: ["192.0.2.0/24"] } };
const TO_STATIC_SERVICE: Manifest = {
  ...udpRoute("to-static"),
  spec: { parentRefs: [{ name: "second" }], rules: [{ backendRefs: [{ group: "stunner.l7mp.io", kind: "StaticService", name: "static" }] }] },
};
/** What is read by name only to wait for a write of it that was announced: one of each kind. */
const ANNOUNCED: readonly Manifest[] = [
  gatewayClass(), gateway("second"), dataplane(), gatewayConfig(), STATIC_SERVICE, udpRoute(), backend()[1] as Manifest,
  udpRoute("official", { apiVersion: `${GATEWAY_API}/v1` }), reference(`${GATEWAY_API}/v1beta1`, "ReferenceGrant", "x", "media"),
];

const SERVICE = reference("v1", "Service", "gw", "media");
const DEPLOYMENT = reference("apps/v1", "Deployment", "gw", "media");
const DAEMON_SET = reference("apps/v1", "DaemonSet", "gw", "media");

/** What serve has to take over from the start: a second Gateway, with everything that is read by name. */
const byHand = (kind: string, name: string): Manifest => {
  const labels = { app: "stunner", "stunner.l7mp.io/related-gateway-name": name, "stunner.l7mp.io/related-gateway-namespace": "media" };
  const matchExpressions = Object.entries(labels).map(([key, value]) => ({ key, operator: "In", values: [value] }));
  return { ...reference("apps/v1", kind, name, "media"), spec: { selector: { matchExpressions }, template: { metadata: { labels }, spec: { containers: [{ name: "stunner-daemon", image: "by-hand" }] } } } };
};
const SECOND: readonly Manifest[] = [
  gatewayClass({}, "another"),
  STATIC_SERVICE,
  TO_STATIC_SERVICE,
  byHand("Deployment", "adopted"),
  byHand("DaemonSet", "gw"),
  gateway("adopted"),
  gateway("second", {
    listeners: [
      listener("udp", 3478, "TURN-UDP", { allowedRoutes: { namespaces: { from: "Selector", selector: {} } } }),
      listener("tls", 443, "TURN-TLS", { tls: { certificateRefs: [{ name: "cert" }] } }),
    ],
  }),
  udpRoute("official", { parents: ["second"], apiVersion: `${GATEWAY_API}/v1` }),
];

describe("a right that is missing", () => {
  let cluster: Cluster;
  let directory: string;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "newest" });
    directory = await mkdtemp(join(tmpdir(), "stunner-rights-"));
  });
  afterAll(async () => {
    await cluster.stop();
    await rm(directory, { recursive: true });
  });

  test("is named, and what is there stays: each in turn", { timeout: 1_200_000 }, async () => {
    const wrong: string[] = [];
    for (const right of sampled("rights", "RBAC_SAMPLE", rightsOf(RULES))) {
      const flaws = await without(right);
      wrong.push(...flaws.map((flaw) => `without ${textOf(right)}: ${flaw}`));
    }
    expect(wrong).toEqual([]);
  });

  async function without(right: Right): Promise<string[]> {
    await cluster.reset();
    await install(cluster, [namespace("stunner-system"), namespace("media"), tlsSecret(), ...STRANGERS, ...backend().slice(1), ...SMALL]);
    const store = `file://${await mkdtemp(join(directory, "store-"))}`;
    const plane = createControlPlane(cluster.kubeconfig, { store: openStore(store) });
    await plane.settle();
    plane.close();
    const strangers = await texts(STRANGERS);
    const made = await texts([SERVICE, DEPLOYMENT]);

    const manifests = clusterManifests({
      mode: "managed", endpointSlices: true, watch: true, namespace: "stunner-system", users: [], groups: [], longLivedToken: false, image: "stunnerd", parts: ["rbac", "webhook"],
      webhook: { url: "https://127.0.0.1:1", cluster: "test", token: "t", secrets: false },
    }) as Manifest[];
    for (const object of manifests) await cluster.apply(object.kind === "ClusterRole" ? { ...object, rules: allBut(RULES, right) } : object);
    const token = await cluster.serviceAccountToken("stunner-system", "stunner-serverless");
    const serve = await startServe(
      [
        `--kubeconfig=${await cluster.kubeconfigFor({ token })}`, `--store=${store}`, "--cluster=test", "--cds-url=http://127.0.0.1:13478", "--throttle-timeout=20ms",
        "--resync=500ms", "--event-token=t",
      ],
      { ready: false },
    );
    const isNamed = (): boolean => serve.lines.some((line) => names(line, right));
    const flaws: string[] = [];
    /** Until it is named, or what needs it has happened. */
    const until = (ask: () => Promise<boolean>): Promise<void> => eventually(async () => isNamed() || ask(), 15_000).catch(() => void flaws.push(`nothing is said, and nothing happens: ${serve.lines.at(-1)}`));
    try {
      await until(async () => (await fetch(`${serve.origin}/readyz`)).ok);
      if ((await texts([SERVICE, DEPLOYMENT])).join() !== made.join()) flaws.push("what was made is changed");
      if ((await fetch(`${serve.origin}/api/v1/configs/media/gw`)).status !== 200) flaws.push("the configuration is not served any more");
      await install(cluster, SECOND);
      await until(async () => (await isMade("Service", "second")) && (await isMade("Deployment", "second")) && isMade("Deployment", "adopted"));
      await cluster.apply(dataplane({ dataplaneResource: "DaemonSet" }), { fieldManager: "user" });
      await until(async () => (await isMade("DaemonSet", "gw")) && (await cluster.get(DEPLOYMENT)) === undefined);
      await cluster.apply(gateway("gw", { gatewayClassName: "theirs" }), { fieldManager: "user" });
      await until(async () => (await cluster.get(SERVICE)) === undefined && (await cluster.get(DAEMON_SET)) === undefined);
      for (const object of ANNOUNCED) expect((await announce(serve.origin, object)).status).toBe(200);
      await eventually(isNamed, 10_000).catch(() => void flaws.push(`it is not named in:\n${serve.lines.join("\n")}`));
      if ((await texts(STRANGERS)).join() !== strangers.join()) flaws.push("what is somebody else's is changed");
    } finally {
      await serve.stop("SIGKILL");
    }
    return flaws;
  }

  async function texts(objects: readonly Manifest[]): Promise<string[]> {
    return (await Promise.all(objects.map((one) => cluster.get(one)))).map((one) => JSON.stringify(one) ?? "gone");
  }

  async function isMade(kind: string, name: string): Promise<boolean> {
    const live = await cluster.get(reference(kind === "Service" ? "v1" : "apps/v1", kind, name, "media"));
    return JSON.stringify(live?.metadata["labels"] ?? {}).includes('"stunner.l7mp.io/owned-by":"stunner"');
  }
});

/** Tells of a change of an object before it is stored, as the API server does by the webhook. */
async function announce(origin: string, object: Manifest): Promise<Response> {
  const [group = "", version = ""] = object.apiVersion.split("/");
  const at = (generation: number): object => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...(object.metadata["labels"] as object), round: `${generation}` }, uid: "uid", resourceVersion: `${generation}`, generation },
  });
  const resource = { group, version, resource: kindOf(object)?.plural };
  const { name, namespace: inside = "" } = object.metadata;
  const request = { uid: "review", resource, name, namespace: inside, operation: "UPDATE", userInfo: { username: "user" }, object: at(2), oldObject: at(1), dryRun: false };
  const body = JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request });
  return fetch(`${origin}/v1/clusters/test/events/t`, { method: "POST", headers: { "content-type": "application/json" }, body });
}
