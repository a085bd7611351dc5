import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { eventWebhook } from "../../infra/webhook/webhook.ts";
import type { Report } from "../../shared/reconcile/report.ts";
import { childOf, isObject, listOf, textOf, type JsonObject } from "../support/json.ts";
import { RENDER_SETTINGS } from "../support/render-settings.ts";
import { directoryOf, eventually, startServe, type RunningServe } from "../support/running-serve.ts";
import type { Actor } from "./actors/actor.ts";
import { startAutoscaler } from "./actors/autoscaler.ts";
import { startGitOps } from "./actors/gitops.ts";
import { startLoadBalancer } from "./actors/load-balancer.ts";
import { startNode } from "./actors/node.ts";
import { installServiceAdmission } from "./actors/service-admission.ts";
import { auditLine, isWrite, type AuditEntry } from "./audit.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { backend, classOf, gateway, route } from "./fixture.ts";
import { createControlPlane } from "./live-control-plane.ts";
import { reference, type Manifest, type Resource } from "./resource.ts";
import { watchStore } from "./store-watch.ts";
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
const BOTH = [`${OTHER} of other`, `${RENDER_SETTINGS.controllerName} of gw`].sort();
/** Nobody listens there: API servers do without it. */
const WEBHOOK = eventWebhook({ url: "https://127.0.0.1:1", cluster: "ours", token: "t", secrets: false }) as Manifest;
const SHARED: ReadonlySet<string> = new Set(["services", "deployments", "gateways", "gatewayclasses", "udproutes"]);

const KINDS = [
  ...["Gateway", "GatewayClass"].map((kind) => ["gateway.networking.k8s.io/v1", kind] as const),
  ...["UDPRoute", "GatewayConfig", "Dataplane", "StaticService"].map((kind) => ["stunner.l7mp.io/v1", kind] as const),
  ...["Service", "ConfigMap", "Secret", "Namespace"].map((kind) => ["v1", kind] as const),
  ...["Deployment", "DaemonSet"].map((kind) => ["apps/v1", kind] as const),
  ["discovery.k8s.io/v1", "EndpointSlice"],
  ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"],
] as const;

/** Whatever we write, and whatever anybody writes to what several write to. */
function isFight(entry: AuditEntry): boolean {
  return isWrite(entry) && (entry.user.username === US || SHARED.has(entry.objectRef?.resource ?? ""));
}

describe("several controllers on the same objects", () => {
  let cluster: Cluster;
  let directory: Awaited<ReturnType<typeof directoryOf>>;
  const actors: Actor[] = [];
  const running: RunningServe[] = [];
  const kubeconfig = (): Promise<string> => cluster.kubeconfigFor({ user: US, groups: ["system:masters"] });
  beforeAll(async () => {
    [cluster, directory] = await Promise.all([startCluster({ gatewayApi: gatewayApiOr("newest"), controllerManager: true, auditLog: true }), directoryOf({})]);
  });
  afterEach(async () => {
    for (const serve of running.splice(0)) await serve.stop("SIGKILL");
    for (const actor of actors.splice(0)) await actor.stop();
    await cluster.reset();
  });
  afterAll(async () => {
    await cluster.stop();
    await directory.remove();
  });
  /** Every object that anybody of these reads or writes. */
  const everything = async (): Promise<Resource[]> => (await Promise.all(KINDS.map(([apiVersion, kind]) => cluster.list(apiVersion, kind)))).flat();

  test(`nobody fights and nobody loses a field in ${SECONDS} s of resyncs`, { timeout: 240_000 + SECONDS * 2000 }, async () => {
    await installServiceAdmission(cluster, { loadBalancerClass: "cloud.example/nlb", healthCheckNodePort: 31_999 });
    actors.push(await startNode(cluster, { name: "n1", internalIP: "192.0.2.10" }));
    actors.push(await startLoadBalancer(cluster, { dualStack: true }));
    actors.push(await startAutoscaler(cluster, deployment, 3));
    const gatewayApi = "gateway.networking.k8s.io/v1";
    const followed = [
      deployment, service, reference(gatewayApi, "Gateway", "gw", "default"), reference(gatewayApi, "GatewayClass", "ours"), reference("stunner.l7mp.io/v1", "UDPRoute", "media", "default"),
    ];
    actors.push(await startGitOps(cluster, followed));
    const manifests = [...classOf("ours"), ...classOf("theirs", OTHER), ...backend("media"), route("media", ["gw", "other"])];
    for (const object of [...manifests, gateway("gw", "ours", annotations), gateway("other", "theirs"), WEBHOOK]) await cluster.apply(object);

    // We, and a second installation of us with another controllerName.
    const store = `file://${directory.path}/store`;
    const start = async (name: string, ...flags: string[]): Promise<RunningServe> => {
      const serve = await startServe([
        `--kubeconfig=${await kubeconfig()}`, `--store=${store}`, `--cluster=${name}`, "--cds-url=http://127.0.0.1:13478", "--resync=1s", "--throttle-timeout=20ms", ...flags,
      ]);
      running.push(serve);
      return serve;
    };
    const serves = [await start("ours", "--event-token=t"), await start("theirs", "--event-token=t", `--controller-name=${OTHER}`)] as const;
    const settleBoth = async (): Promise<void> => {
      for (const name of ["ours", "theirs"]) await untilQuiet(`${directory.path}/store`, name);
    };
    await settleBoth();
    await untilLive(cluster, deployment, (live) => childOf(live, "spec")["replicas"] === 3 && isInstance(live));
    await untilLive(cluster, service, (live) => listOf(childOf(childOf(live, "status"), "loadBalancer"), "ingress").length > 0 && isInstance(live));
    const kubectl = ["--kubeconfig", cluster.kubeconfig, "rollout", "restart", "deployment/gw", "-n", "default"];
    await promisify(execFile)(cluster.kubectl, kubectl);
    await untilLive(cluster, deployment, isRolledOut, 30_000);
    await settleBoth();

    const before = await everything();
    const mark = await cluster.audit().mark();
    const stored = watchStore(`${directory.path}/store`);
    /** Passes so far, and reports, where neither is under way. */
    const counts = async (name: string, { origin }: RunningServe): Promise<{ passes: number; reports: number }> => {
      await stored.next(`clusters/${name}/report.json`);
      const reports = stored.written.filter((key) => key === `clusters/${name}/report.json`).length;
      // It is the last thing that a pass does; the next one begins a second later.
      await delay(200);
      return { passes: await passesOf(origin), reports };
    };
    const both = (): Promise<{ passes: number; reports: number }[]> => Promise.all([counts("ours", serves[0]), counts("theirs", serves[1])]);
    const first = await both();
    await delay(SECONDS * 1000);
    const last = await both();
    stored.close();
    for (const [index, { passes, reports }] of last.entries()) {
      const from = first[index] ?? { passes: 0, reports: 0 };
      expect(reports - from.reports).toBe(passes - from.passes);
      expect(passes - from.passes).toBeGreaterThan(SECONDS / 3);
    }
    expect(stored.written.filter((key) => !key.endsWith("/report.json"))).toEqual([]);
    expect((await cluster.audit().entries(mark)).filter(isFight).map(auditLine)).toEqual([]);
    expect(await everything()).toEqual(before);

    // And everybody has what he wanted.
    const live = (one: Manifest): Resource => before.find(({ kind, metadata }) => kind === one.kind && metadata.name === one.metadata.name) ?? ({ ...one } as Resource);
    expect(followed.filter((one) => !isInstance(live(one)))).toEqual([]);
    expect(live(service)["spec"]).toMatchObject({
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      loadBalancerClass: "cloud.example/nlb",
      healthCheckNodePort: 31_999,
      ipFamilyPolicy: "PreferDualStack",
      ipFamilies: ["IPv4", "IPv6"],
    });
    expect(live(service).metadata["finalizers"]).toEqual(["service.kubernetes.io/load-balancer-cleanup"]);
    expect(live(service).metadata["annotations"]).toHaveProperty(["cloud.example/load-balancer-id"]);
    expect(childOf(live(deployment), "spec")["replicas"]).toBe(3);
    expect(templateAnnotations(live(deployment))).toHaveProperty(["kubectl.kubernetes.io/restartedAt"]);
    expect(controllersOf(live(followed[4] as Manifest))).toEqual(BOTH);
    expect(JSON.stringify(live(WEBHOOK))).toContain('"values":["default"]');
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
    expect(controllersOf(await cluster.read(route("media", [])))).toEqual(BOTH);
    ours.close();
    theirs.close();
  });
});

/** Who has said something of a parent of a route. */
function controllersOf(live: Resource): string[] {
  const parents = listOf(childOf(live, "status"), "parents").filter(isObject);
  return parents.map((parent) => `${textOf(parent, "controllerName")} of ${textOf(childOf(parent, "parentRef"), "name")}`).sort();
}

/** Until two resyncs in a row have changed nothing. */
async function untilQuiet(store: string, name: string): Promise<void> {
  const quiet = new Set<string>();
  await eventually(async () => {
    const { startedAt, changes } = JSON.parse(await readFile(`${store}/clusters/${name}/report.json`, "utf8").catch(() => "{}")) as Partial<Report>;
    if (changes?.length !== 0) quiet.clear();
    else if (startedAt !== undefined) quiet.add(startedAt);
    return quiet.size > 1;
  }, 60_000);
}

async function passesOf(origin: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return [...text.matchAll(/^stunner_serverless_passes_total\{[^}]*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

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
