import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { childOf, isObject, listOf, type Json } from "../../support/json.ts";
import { auditLine, isWrite } from "../audit.ts";
import { startCluster, type Cluster } from "../cluster.ts";
import { reference, type Manifest, type Resource } from "../resource.ts";
import { until, untilGone, untilLive } from "../until.ts";
import { startAutoscaler } from "./autoscaler.ts";
import { startEndpointSliceWriter } from "./endpoint-slices.ts";
import { startGitOps } from "./gitops.ts";
import { startLoadBalancer } from "./load-balancer.ts";
import { startNode } from "./node.ts";
import { installServiceAdmission } from "./service-admission.ts";

const service: Manifest = {
  ...reference("v1", "Service", "gw", "default"),
  spec: { type: "LoadBalancer", externalTrafficPolicy: "Local", selector: { app: "x" }, ports: [{ port: 3478, protocol: "UDP" }] },
};
const deployment: Manifest = {
  ...reference("apps/v1", "Deployment", "gw", "default"),
  spec: {
    selector: { matchLabels: { app: "x" } },
    template: { metadata: { labels: { app: "x" } }, spec: { containers: [{ name: "stunnerd", image: "x" }] } },
  },
};

const replicas = (number: number) => (live: Resource): boolean => childOf(live, "spec")["replicas"] === number;
const isKept = (live: Resource): boolean => childOf(live, "spec")["sessionAffinity"] === "ClientIP";
const ingressOf = (live: Resource): Json[] => listOf(childOf(childOf(live, "status"), "loadBalancer"), "ingress");
const managersOf = ({ metadata }: Resource): unknown[] =>
  listOf(metadata, "managedFields").filter(isObject).map(({ manager, subresource }) => [manager, subresource]);

describe("actors", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "1.0", auditLog: true });
  });
  beforeEach(() => cluster.reset());
  afterAll(() => cluster.stop());

  test("the load balancer gives a Service an address, marks it, and lets it go", async () => {
    const actor = await startLoadBalancer(cluster);
    await cluster.apply(service);
    const live = await untilLive(cluster, service, (one) => ingressOf(one).length > 0);
    expect(ingressOf(live)).toEqual([{ ip: "198.51.100.1", ipMode: "VIP" }]);
    expect(live.metadata["finalizers"]).toEqual(["service.kubernetes.io/load-balancer-cleanup"]);
    expect(live.metadata["annotations"]).toEqual({ "cloud.example/load-balancer-id": live.metadata.uid });
    expect(managersOf(live)).toContainEqual(["load-balancer-controller", "status"]);
    await cluster.delete(service);
    await untilGone(cluster, service);
    await actor.stop();
  });

  test("the load balancer insists on what it wrote, and takes it back when the type changes", async () => {
    const actor = await startLoadBalancer(cluster);
    await cluster.apply(service);
    await untilLive(cluster, service, (one) => ingressOf(one).length > 0);
    await cluster.patch(service, { metadata: { annotations: { "cloud.example/load-balancer-id": null }, finalizers: null } });
    await untilLive(cluster, service, (one) => listOf(one.metadata, "finalizers").length > 0);
    await cluster.patch(service, { spec: { type: "ClusterIP", externalTrafficPolicy: null } });
    const live = await untilLive(cluster, service, (one) => listOf(one.metadata, "finalizers").length === 0);
    expect(childOf(live.metadata, "annotations")).toEqual({});
    await untilLive(cluster, service, (one) => ingressOf(one).length === 0);
    await actor.stop();
  });

  test("the load balancer can add the other address family", async () => {
    const actor = await startLoadBalancer(cluster, { dualStack: true });
    await cluster.apply(service);
    const live = await untilLive(cluster, service, (one) => listOf(childOf(one, "spec"), "clusterIPs").length === 2);
    expect(live["spec"]).toMatchObject({ ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv4", "IPv6"] });
    await actor.stop();
  });

  test("admission sets what can only be set at creation, on LoadBalancer Services alone", async () => {
    await installServiceAdmission(cluster, { loadBalancerClass: "cloud.example/nlb", healthCheckNodePort: 31_999 });
    const live = await cluster.apply(service);
    expect(live["spec"]).toMatchObject({ loadBalancerClass: "cloud.example/nlb", healthCheckNodePort: 31_999 });
    const other = { ...reference("v1", "Service", "other", "default"), spec: { ports: [{ port: 1 }] } };
    expect((await cluster.apply(other))["spec"]).not.toHaveProperty("loadBalancerClass");
    const lasting = await cluster.apply(service);
    expect(lasting["spec"]).toMatchObject({ loadBalancerClass: "cloud.example/nlb", healthCheckNodePort: 31_999 });
  });

  test("the autoscaler keeps a Deployment at its number, through the scale subresource", async () => {
    const actor = await startAutoscaler(cluster, deployment, 3);
    await cluster.apply(deployment);
    const unowned = await untilLive(cluster, deployment, replicas(3));
    // Where nobody owned the field before, the API server notes no owner.
    expect(managersOf(unowned)).toEqual([["test", undefined]]);
    await cluster.apply({ ...deployment, spec: { ...(deployment["spec"] as object), replicas: 1 } });
    const stolen = await untilLive(cluster, deployment, (one) => one.metadata["generation"] === 4 && replicas(3)(one));
    expect(managersOf(stolen)).toContainEqual(["horizontal-pod-autoscaler", "scale"]);
    await actor.scale(5);
    await untilLive(cluster, deployment, replicas(5));
    await actor.stop();
    await cluster.patch(deployment, { spec: { replicas: 2 } });
    expect(childOf((await cluster.get(deployment)) as never, "spec")["replicas"]).toBe(2);
  });

  test("the GitOps tool keeps its fields, its label and its note, and only those", async () => {
    const manifest = { ...reference("v1", "Service", "gw", "default"), spec: { sessionAffinity: "ClientIP" } };
    const actor = await startGitOps(cluster, [manifest]);
    await cluster.apply({ ...service, metadata: { name: "gw", namespace: "default" } });
    const live = await untilLive(cluster, service, isKept);
    expect(live.metadata["labels"]).toEqual({ "app.kubernetes.io/instance": "platform" });
    const noted = childOf(live.metadata, "annotations")["kubectl.kubernetes.io/last-applied-configuration"];
    expect(JSON.parse(String(noted))).toMatchObject({ kind: "Service", spec: { sessionAffinity: "ClientIP" } });
    expect(live["spec"]).toMatchObject({ type: "LoadBalancer", selector: { app: "x" } });
    await cluster.patch(service, { metadata: { labels: null }, spec: { sessionAffinity: "None" } });
    await untilLive(cluster, service, (one) => isKept(one) && Object.keys(childOf(one.metadata, "labels")).length === 1);
    await actor.stop();
  });

  test("a node registers, beats, and runs pods until they are deleted", async () => {
    const addresses = { internalIP: "192.0.2.10", externalIP: "203.0.113.10", externalDNS: "n1.example.com" };
    const node = await startNode(cluster, { name: "n1", ...addresses });
    const live = await cluster.get(reference("v1", "Node", "n1"));
    expect(childOf(live, "status")["addresses"]).toEqual([
      { type: "InternalIP", address: "192.0.2.10" },
      { type: "Hostname", address: "n1" },
      { type: "ExternalIP", address: "203.0.113.10" },
      { type: "ExternalDNS", address: "n1.example.com" },
    ]);
    await node.heartbeat();
    expect((await cluster.get(reference("v1", "Node", "n1")))?.metadata.resourceVersion).not.toBe(live?.metadata.resourceVersion);
    expect(await cluster.get(reference("coordination.k8s.io/v1", "Lease", "n1", "kube-node-lease"))).toBeDefined();
    const pod = { ...reference("v1", "Pod", "p", "default"), spec: { containers: [{ name: "c", image: "i" }] } };
    await cluster.create(pod);
    const running = await untilLive(cluster, pod, (one) => childOf(one, "status")["phase"] === "Running");
    expect(childOf(running, "spec")["nodeName"]).toBe("n1");
    expect(childOf(running, "status")["podIP"]).toMatch(/^10\.244\./);
    await cluster.delete(pod);
    await untilGone(cluster, pod);
    await node.stop();
  });

  test("the slice writer keeps one slice for each Service with a selector", async () => {
    const writer = await startEndpointSliceWriter(cluster);
    await cluster.apply(service);
    await writer.set(service, ["10.244.0.1", "10.244.0.2"]);
    const [slice, ...more] = await cluster.list("discovery.k8s.io/v1", "EndpointSlice", "default");
    expect(more).toEqual([]);
    expect(slice).toMatchObject({
      metadata: { labels: { "kubernetes.io/service-name": "gw" } },
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.244.0.1"] }, { addresses: ["10.244.0.2"] }],
      ports: [{ port: 3478, protocol: "UDP" }],
    });
    await cluster.delete(service);
    await until(cluster, slice as Resource, (one) => one === undefined);
    await writer.stop();
  });

  test("write nothing once everything is as they want it", async () => {
    const actors = [
      await startLoadBalancer(cluster, { dualStack: true }),
      await startAutoscaler(cluster, deployment, 3),
      await startGitOps(cluster, [reference("apps/v1", "Deployment", "gw", "default")]),
      await startEndpointSliceWriter(cluster),
    ];
    await cluster.apply(service);
    await cluster.apply(deployment);
    await untilLive(cluster, service, (one) => ingressOf(one).length > 0);
    await untilLive(cluster, deployment, (one) => replicas(3)(one) && Object.keys(childOf(one.metadata, "labels")).length === 1);
    const names = new Set(["load-balancer-controller", "horizontal-pod-autoscaler", "gitops", "endpointslice-controller"]);
    let [from, last] = [0, -1];
    const written = async (): Promise<string[]> =>
      (await cluster.audit().entries(from)).filter((entry) => isWrite(entry) && names.has(entry.user.username)).map(auditLine);
    await expect.poll(async () => last === (last = (await written()).length), { interval: 300, timeout: 15_000 }).toBe(true);
    from = await cluster.audit().mark();
    await cluster.patch(service, { metadata: { annotations: { touched: "1" } } });
    await cluster.patch(deployment, { metadata: { annotations: { touched: "1" } } });
    // A later change of the same object that is answered comes after whatever they would have done for this one.
    await cluster.patch(deployment, { spec: { replicas: 1 } });
    await untilLive(cluster, deployment, replicas(3));
    expect(await written()).toEqual(["patch apps/deployments default/gw/scale 200 by horizontal-pod-autoscaler"]);
    for (const actor of actors) await actor.stop();
  });
});
