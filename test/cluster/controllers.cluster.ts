import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { childOf, isObject, listOf, textOf, type JsonObject } from "../support/json.ts";
import type { Actor } from "./actors/actor.ts";
import { startAutoscaler } from "./actors/autoscaler.ts";
import { startGitOps } from "./actors/gitops.ts";
import { startLoadBalancer } from "./actors/load-balancer.ts";
import { startNode } from "./actors/node.ts";
import { installServiceAdmission } from "./actors/service-admission.ts";
import { auditLine, isWrite, type AuditEntry } from "./audit.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { createCountingStore } from "./counting-store.ts";
import { backend, classOf, gateway, route } from "./fixture.ts";
import { createControlPlane } from "./live-control-plane.ts";
import { RENDER_SETTINGS } from "../support/render-settings.ts";
import { reference, type Resource } from "./resource.ts";
import { untilLive } from "./until.ts";

/** Seconds of resyncs without a write; 60 in full. */
const SECONDS = Number(process.env["RESYNC_SECONDS"] ?? 10);
const deployment = reference("apps/v1", "Deployment", "gw", "default");
const service = reference("v1", "Service", "gw", "default");
const annotations = {
  "stunner.l7mp.io/external-traffic-policy": "local",
  "stunner.l7mp.io/service-type": "LoadBalancer",
};

const OTHER = "example.com/other-stunner";
const US = "stunner-serverless";
const SHARED: ReadonlySet<string> = new Set(["services", "deployments", "gateways", "gatewayclasses", "udproutes"]);

/** Whatever we write, and whatever anybody writes to what several write to. */
function isFight(entry: AuditEntry): boolean {
  return isWrite(entry) && (entry.user.username === US || SHARED.has(entry.objectRef?.resource ?? ""));
}

describe("several controllers on the same objects", () => {
  let cluster: Cluster;
  const actors: Actor[] = [];
  const kubeconfig = (): Promise<string> => cluster.kubeconfigFor({ user: US, groups: ["system:masters"] });
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("newest"), controllerManager: true, auditLog: true });
  });
  afterEach(async () => {
    for (const actor of actors.splice(0)) await actor.stop();
    await cluster.reset();
  });
  afterAll(() => cluster.stop());

  test(`nobody fights and nobody loses a field in ${SECONDS} s of resyncs`, { timeout: 60_000 + SECONDS * 2000 }, async () => {
    await installServiceAdmission(cluster, { loadBalancerClass: "cloud.example/nlb", healthCheckNodePort: 31_999 });
    actors.push(await startNode(cluster, { name: "n1", internalIP: "192.0.2.10" }));
    actors.push(await startLoadBalancer(cluster, { dualStack: true }));
    actors.push(await startAutoscaler(cluster, deployment, 3));
    actors.push(await startGitOps(cluster, [deployment, service, reference("gateway.networking.k8s.io/v1", "Gateway", "gw", "default")]));
    for (const object of [...classOf("ours"), ...classOf("theirs", OTHER), ...backend("media"), route("media", ["gw", "other"])]) {
      await cluster.apply(object);
    }
    await cluster.apply(gateway("gw", "ours", annotations));
    await cluster.apply(gateway("other", "theirs"));

    // We, and a second installation of us with another controllerName.
    const stores = [createCountingStore(), createCountingStore()] as const;
    const plane = createControlPlane(await kubeconfig(), { store: stores[0].store });
    const second = createControlPlane(await kubeconfig(), { store: stores[1].store, render: { ...RENDER_SETTINGS, controllerName: OTHER } });
    const settleBoth = async (): Promise<void> => {
      for (const one of [plane, second, plane]) await one.settle();
    };
    await settleBoth();
    await untilLive(cluster, deployment, (live) => childOf(live, "spec")["replicas"] === 3 && isInstance(live));
    await untilLive(cluster, service, (live) => listOf(childOf(childOf(live, "status"), "loadBalancer"), "ingress").length > 0 && isInstance(live));
    const kubectl = ["--kubeconfig", cluster.kubeconfig, "rollout", "restart", "deployment/gw", "-n", "default"];
    await promisify(execFile)(cluster.kubectl, kubectl);
    await untilLive(cluster, deployment, isRolledOut, 30_000);
    await settleBoth();

    const before = { deployment: await cluster.get(deployment), service: await cluster.get(service) };
    const mark = await cluster.audit().mark();
    const stored = stores.map(({ written }) => written.length);
    for (let resync = 1; resync <= SECONDS; resync += 1) {
      for (const one of [plane, second]) expect((await one.pass()).changes).toEqual([]);
      // The report, and nothing else.
      for (const [index, { written }] of stores.entries()) {
        expect(written.slice(stored[index]).filter((key) => !key.endsWith("/report.json"))).toEqual([]);
        expect(written.length - (stored[index] ?? 0)).toBe(resync);
      }
      await delay(1000);
    }
    const writes = (await cluster.audit().entries(mark)).filter(isFight);
    expect(writes.map(auditLine)).toEqual([]);
    expect(await cluster.get(deployment)).toEqual(before.deployment);
    expect(await cluster.get(service)).toEqual(before.service);

    expect(before.service?.["spec"]).toMatchObject({
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      loadBalancerClass: "cloud.example/nlb",
      healthCheckNodePort: 31_999,
      ipFamilyPolicy: "PreferDualStack",
      ipFamilies: ["IPv4", "IPv6"],
    });
    expect(before.service?.metadata["finalizers"]).toEqual(["service.kubernetes.io/load-balancer-cleanup"]);
    expect(before.service?.metadata["annotations"]).toHaveProperty(["cloud.example/load-balancer-id"]);
    expect(childOf(before.deployment, "spec")["replicas"]).toBe(3);
    expect(templateAnnotations(before.deployment)).toHaveProperty(["kubectl.kubernetes.io/restartedAt"]);
    plane.close();
    second.close();
  });

  test("a second control plane with another controllerName leaves ours alone, and ours leaves it", async () => {
    for (const object of [...classOf("ours"), ...classOf("theirs", OTHER), ...backend("media"), gateway("gw", "ours"), gateway("other", "theirs")]) {
      await cluster.apply(object);
    }
    await cluster.apply(route("media", ["gw", "other"]));
    const ours = createControlPlane(await kubeconfig());
    const theirs = createControlPlane(await kubeconfig(), { render: { ...RENDER_SETTINGS, controllerName: OTHER } });
    await ours.settle();
    const before = await cluster.get(service);
    await theirs.settle();
    expect(await cluster.get(service)).toEqual(before);
    await ours.settle();
    const mark = await cluster.audit().mark();
    for (const plane of [ours, theirs, ours, theirs]) expect((await plane.pass()).changes).toEqual([]);
    expect((await cluster.audit().entries(mark)).filter(isFight).map(auditLine)).toEqual([]);
    const parents = listOf(childOf(await cluster.get(route("media", [])), "status"), "parents").filter(isObject);
    expect(parents.map((parent) => [textOf(parent, "controllerName"), textOf(childOf(parent, "parentRef"), "name")])).toEqual(
      expect.arrayContaining([[RENDER_SETTINGS.controllerName, "gw"], [OTHER, "other"]]),
    );
    ours.close();
    theirs.close();
  });
});

function isInstance({ metadata }: Resource): boolean {
  return childOf(metadata, "labels")["app.kubernetes.io/instance"] === "platform" &&
    textOf(childOf(metadata, "annotations"), "kubectl.kubernetes.io/last-applied-configuration") !== "";
}

function templateAnnotations(live: Resource | undefined): JsonObject {
  return childOf(childOf(childOf(childOf(live, "spec"), "template"), "metadata"), "annotations");
}

function isRolledOut(live: Resource): boolean {
  const status = childOf(live, "status");
  const isSeen = status["observedGeneration"] === live.metadata["generation"];
  return isSeen && ["replicas", "updatedReplicas", "availableReplicas"].every((count) => status[count] === 3);
}
