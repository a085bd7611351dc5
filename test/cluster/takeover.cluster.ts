import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DesiredObject } from "../../shared/render/result.ts";
import { childOf, isObject, listOf, type Json, type JsonObject } from "../support/json.ts";
import { installServiceAdmission } from "./actors/service-admission.ts";
import { isWrite } from "./audit.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { RequestRefused } from "./errors.ts";
import { backend, dataplane, gateway, gatewayClass, gatewayConfig, install, namespace, secret, udpRoute } from "./live-fixture.ts";
import { changesOf, OPERATOR, startLivePass, type LivePass } from "./live-pass.ts";
import { reference, type Manifest, type Resource } from "./resource.ts";

const RELATED = "stunner.l7mp.io/related-gateway-name";
const LABELS = { "stunner.l7mp.io/owned-by": "stunner", [RELATED]: "gw", "stunner.l7mp.io/related-gateway-namespace": "media" };
const POD = { app: "stunner", [RELATED]: "gw", "stunner.l7mp.io/related-gateway-namespace": "media" };
const CLUSTER = [namespace("media"), gatewayClass(), gatewayConfig(), secret(), dataplane(), udpRoute(), ...backend()];

/** Objects as the upstream operator v1.2.1 leaves them: a create, then JSON merge patches, all without a field manager. */
class Upstream {
  readonly #cluster: Cluster;
  readonly #agent: string;
  constructor(cluster: Cluster, agent = "manager") {
    this.#cluster = cluster;
    this.#agent = agent;
  }
  async create(object: Manifest): Promise<Resource> {
    return this.#send("POST", await this.#cluster.discovery.pathOfAll(object.apiVersion, object.kind, "media"), object, "application/json");
  }
  async patch(object: Manifest, patch: object): Promise<Resource> {
    return this.#send("PATCH", await this.#cluster.discovery.pathOf(object), patch, "application/merge-patch+json");
  }
  async #send(method: string, path: string, body: unknown, contentType: string): Promise<Resource> {
    const agent = `${this.#agent}/v0.0.0 (linux/amd64) kubernetes/$Format`;
    const answer = await this.#cluster.request(method, path, body, { contentType, headers: { "user-agent": agent } });
    if (answer.status >= 300) throw new RequestRefused(method, path, answer);
    return answer.body as Resource;
  }
}

const metadata = (owner: Resource, annotations: JsonObject = {}, labels: JsonObject = {}) => ({
  name: "gw",
  namespace: "media",
  labels: { ...LABELS, ...labels },
  annotations: { [RELATED]: "media/gw", ...annotations },
  ownerReferences: [{ apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", name: "gw", uid: owner.metadata.uid }],
});

const upstreamService = (owner: Resource): Manifest => ({
  ...reference("v1", "Service", "gw", "media"),
  metadata: metadata(owner, { "removed/from-gateway": "x", "kubectl.kubernetes.io/last-applied-configuration": "{}" }),
  spec: {
    type: "LoadBalancer",
    selector: POD,
    sessionAffinity: "ClientIP",
    externalTrafficPolicy: "Local",
    loadBalancerIP: "203.0.113.99",
    ports: [
      { name: "udp", protocol: "UDP", port: 3478, targetPort: 3478 },
      { name: "gone", protocol: "UDP", port: 3500, targetPort: 3500 },
    ],
  },
});

const upstreamDeployment = (owner: Resource): Manifest => ({
  ...reference("apps/v1", "Deployment", "gw", "media"),
  metadata: metadata(owner, { "removed/from-gateway": "x" }, { "removed-from": "gateway" }),
  spec: {
    replicas: 2,
    selector: { matchExpressions: Object.entries(POD).map(([key, value]) => ({ key, operator: "In", values: [value] })) },
    template: {
      metadata: { labels: { ...POD, "removed-from": "dataplane" }, annotations: { [RELATED]: "media/gw" } },
      spec: {
        hostNetwork: true,
        terminationGracePeriodSeconds: 3600,
        affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "edge", operator: "Exists" }] }] } } },
        tolerations: [{ key: "edge", operator: "Exists" }],
        securityContext: { fsGroup: 7 },
        imagePullSecrets: [{ name: "pull" }],
        containers: [
          {
            name: "stunner-daemon",
            image: "l7mp/stunnerd:1.2.1",
            imagePullPolicy: "Always",
            command: ["stunnerd"],
            args: ["-w", "--udp-thread-num=16"],
            env: [
              { name: "STUNNER_ADDR", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
              { name: "STUNNER_NAME", value: "gw" },
              { name: "STUNNER_NAMESPACE", value: "media" },
              { name: "STUNNER_CONFIG_ORIGIN", value: "http://10.1.2.3:13478" },
              { name: "REMOVED", value: "x" },
            ],
            ports: [{ name: "metrics-port", containerPort: 8080, protocol: "TCP" }],
            resources: { limits: { cpu: "2", memory: "512Mi" }, requests: { cpu: "500m", memory: "128Mi" } },
            livenessProbe: { httpGet: { path: "/live", port: 8086, scheme: "HTTP" }, periodSeconds: 15, successThreshold: 1, failureThreshold: 3, timeoutSeconds: 1 },
            securityContext: { runAsNonRoot: true },
          },
        ],
      },
    },
  },
});

function ours(map: Json | undefined): JsonObject {
  return Object.fromEntries(Object.entries(isObject(map) ? map : {}).filter(([key]) => !/^(cloud|gitops|deployment\.kubernetes)/.test(key)));
}

/** What counts: not what the server has allotted, nor what others have put there. */
function comparable({ metadata: meta, spec: all }: Resource): unknown {
  const { clusterIP: _ip, clusterIPs: _ips, healthCheckNodePort: _port, ports, ...spec } = isObject(all) ? all : {};
  return {
    labels: ours(meta["labels"]),
    annotations: ours(meta["annotations"]),
    owners: meta["ownerReferences"],
    spec,
    ports: listOf({ ports: ports ?? [] }, "ports").map((port) => ({ ...(isObject(port) ? port : {}), nodePort: 0 })),
  };
}

describe.each(["manager", "stunner-gateway-operator"])("taking over from the upstream operator, that wrote as %s", (agent) => {
  let cluster: Cluster;
  let live: LivePass;
  let upstream: Upstream;
  let owner: Resource;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("newest"), auditLog: true });
    upstream = new Upstream(cluster, agent);
  });
  beforeEach(async () => {
    await cluster.reset();
    await install(cluster, CLUSTER);
    owner = await cluster.apply(gateway(), { fieldManager: "user" });
    live = startLivePass(await cluster.kubeconfigFor(OPERATOR));
    return () => live.close();
  });
  afterAll(() => cluster.stop());

  const [service, deployment] = [reference("v1", "Service", "gw", "media"), reference("apps/v1", "Deployment", "gw", "media")];
  const read = (one: Manifest): Promise<Resource> => cluster.read(one);
  const operate = async (): Promise<void> => {
    await upstream.create(upstreamService(owner));
    await upstream.create(upstreamDeployment(owner));
    await upstream.patch(service, { metadata: { annotations: { "removed/later": "y" } }, spec: { sessionAffinity: "None" } });
    await upstream.patch(deployment, { spec: { template: { spec: { containers: [{ ...upstreamContainer(), env: [{ name: "LATER", value: "z" }] }] } } } });
  };
  const upstreamContainer = (): JsonObject => {
    const spec = childOf(childOf(childOf(upstreamDeployment(owner) as unknown as JsonObject, "spec"), "template"), "spec");
    return listOf(spec, "containers").find(isObject) ?? {};
  };
  const writes = async (action: () => Promise<unknown>): Promise<number> => {
    const mark = await cluster.audit().mark();
    await action();
    return (await cluster.audit().entries(mark)).filter((entry) => isWrite(entry) && entry.user.username === "stunner-serverless").length;
  };

  test("leaves nothing of it that is not wanted, as if we had made everything", async () => {
    await operate();
    const first = await live.pass();
    expect(changesOf(first)).toEqual(expect.arrayContaining(["updated Deployment media/gw", "updated Service media/gw"]));
    expect(await writes(() => live.pass())).toBe(0);
    const taken = [comparable(await read(service)), comparable(await read(deployment))];
    await cluster.delete(service);
    await cluster.delete(deployment);
    await live.pass();
    await live.pass();
    expect(taken).toEqual([comparable(await read(service)), comparable(await read(deployment))]);
  });

  /** What we want, without a write. */
  const wanted = async (kind: string): Promise<DesiredObject> => {
    const dry = startLivePass(await cluster.kubeconfigFor(OPERATOR), { dryRun: true });
    const { rendered, applied } = await dry.pass();
    dry.close();
    expect(applied.changes.map(({ operation, object }) => `${operation} ${object}`)).toContain(`updated ${kind} media/gw`);
    const found = rendered.objects.find((one) => one.kind === kind);
    if (!found) throw new Error(`no ${kind} was rendered`);
    return found;
  };

  test("is told in a dry run, and where drift is only to be told, with whose it was; and not done", async () => {
    await operate();
    const before = (await read(service)).metadata.resourceVersion;
    const object = await wanted("Service");
    await live.cluster.load();
    const { operation, differences = [] } = await live.cluster.write(object, true);
    expect(operation).toBe("drifted");
    const removed = differences.filter((one) => one.wanted === undefined).map(({ field, manager }) => `${field} by ${manager}`);
    expect(removed.sort()).toEqual([
      `metadata.annotations[kubectl.kubernetes.io/last-applied-configuration] by ${agent}`,
      `metadata.annotations[removed/from-gateway] by ${agent}`,
      `metadata.annotations[removed/later] by ${agent}`,
      `spec.externalTrafficPolicy by ${agent}`,
      `spec.loadBalancerIP by ${agent}`,
      `spec.ports[3500/UDP] by ${agent}`,
    ]);
    expect((await read(service)).metadata.resourceVersion).toBe(before);
  });

  test("leaves what others have there, of subresources too", async () => {
    await operate();
    await cluster.patch(service, { metadata: { annotations: { "cloud.example/id": "lb-1" }, finalizers: ["cloud.example/hold"] }, spec: { loadBalancerSourceRanges: ["10.0.0.0/8"] } }, { fieldManager: "cloud" });
    await cluster.patch(service, { status: { loadBalancer: { ingress: [{ ip: "198.51.100.1" }] } } }, { fieldManager: "cloud", subresource: "status" });
    await cluster.patch(deployment, { spec: { template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "now" } } } } }, { fieldManager: "kubectl-rollout" });
    await cluster.patch(deployment, { spec: { replicas: 7 } }, { fieldManager: "hpa", subresource: "scale" });
    await live.pass();
    const after = await read(service);
    expect(after.metadata).toMatchObject({ annotations: { "cloud.example/id": "lb-1" }, finalizers: ["cloud.example/hold"] });
    expect(after["spec"]).toMatchObject({ loadBalancerSourceRanges: ["10.0.0.0/8"] });
    expect(after["status"]).toMatchObject({ loadBalancer: { ingress: [{ ip: "198.51.100.1" }] } });
    const workload = await read(deployment);
    expect(workload["spec"]).toMatchObject({ replicas: 7, template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "now" } } } });
    const managers = listOf(workload.metadata, "managedFields").filter(isObject).map(({ manager, subresource }) => [manager, subresource]);
    expect(managers).toEqual(expect.arrayContaining([["stunner-serverless", undefined], ["kubectl-rollout", undefined], ["hpa", "scale"]]));
  });

  test("leaves what an admission webhook has set under its name and nobody may change", async () => {
    await installServiceAdmission(cluster, { loadBalancerClass: "cloud.example/nlb", healthCheckNodePort: 31_998 });
    await operate();
    expect((await read(service))["spec"]).toMatchObject({ loadBalancerClass: "cloud.example/nlb" });
    expect(changesOf(await live.pass())).toContain("updated Service media/gw");
    expect((await read(service))["spec"]).toMatchObject({ loadBalancerClass: "cloud.example/nlb" });
    expect((await live.pass()).applied.changes).toEqual([]);
  });

  test("does not undo what another operator of the same name writes afterwards", async () => {
    await operate();
    await live.pass();
    await upstream.patch(service, { metadata: { annotations: { "cloud.example/id": "lb-1" } } });
    expect((await live.pass()).applied.changes).toEqual([]);
    expect((await read(service)).metadata["annotations"]).toMatchObject({ "cloud.example/id": "lb-1" });
  });

  test("works again after it has run for a while in between", async () => {
    await operate();
    await live.pass();
    await cluster.apply(gateway("gw", {}, { annotations: { "from/gateway": "1" } }), { fieldManager: "user" });
    await upstream.patch(service, { metadata: { annotations: { "from/gateway": "1" } } });
    await live.pass();
    expect((await live.pass()).applied.changes).toEqual([]);
    await cluster.apply(gateway(), { fieldManager: "user" });
    await live.pass();
    expect((await read(service)).metadata["annotations"]).toEqual({ [RELATED]: "media/gw" });
  });

  test("goes on where it was stopped between its two writes", async () => {
    await operate();
    const { body } = await live.client.request({ method: "GET", path: "/api/v1/namespaces/media/services/gw" });
    const entries = listOf((body as Resource).metadata, "managedFields").filter(isObject);
    await cluster.patch(service, [{ op: "replace", path: "/metadata/managedFields", value: entries.map((entry) => ({ ...entry, manager: "stunner-serverless", operation: "Apply" })) }]);
    await live.pass();
    expect(childOf((await read(service)).metadata, "annotations")).toEqual({ [RELATED]: "media/gw" });
    expect((await live.pass()).applied.changes).toEqual([]);
  });
});
