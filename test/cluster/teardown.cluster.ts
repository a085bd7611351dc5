import { createSecretKey } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { formatKeyRing } from "../../shared/access/key-ring.ts";
import { createReconcileHandler } from "../../shared/serverless/handle-reconcile.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { openStore } from "../../shared/store/open.ts";
import { gateway, PLATFORM, route } from "../support/manifests.ts";
import { directoryOf, run, startServe, type RunningServe } from "../support/running-serve.ts";
import { statusOf } from "../unit/kube-peer.ts";
import { testCloud } from "../unit/serverless-support.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { startFaultProxy } from "./fault-proxy.ts";
import { reference, type Manifest, type Resource } from "./resource.ts";
import { untilGone, untilLive } from "./until.ts";

/** Everything that is made for a Gateway, by us or by those who act on what we make. */
const MADE = [
  ["v1", "Service"], ["v1", "ConfigMap"], ["v1", "Secret"], ["v1", "Pod"], ["discovery.k8s.io/v1", "EndpointSlice"],
  ["apps/v1", "Deployment"], ["apps/v1", "DaemonSet"], ["apps/v1", "ReplicaSet"], ["apps/v1", "ControllerRevision"],
] as const;
const THEIRS = [
  ["gateway.networking.k8s.io/v1", "GatewayClass"], ["gateway.networking.k8s.io/v1", "Gateway"], ["stunner.l7mp.io/v1", "UDPRoute"],
  ["stunner.l7mp.io/v1", "GatewayConfig"], ["stunner.l7mp.io/v1", "Dataplane"],
] as const;
/** Several processes, one after the other, and what the controller manager makes of what they do. */
const SLOW = 180_000;
const NAMESPACES = ["stunner", "media"];

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

let cluster: Cluster;
let directory: Awaited<ReturnType<typeof directoryOf>>;
let serve: RunningServe | undefined;

beforeAll(async () => {
  cluster = await startCluster({ gatewayApi: "newest", controllerManager: true });
});
afterAll(() => cluster.stop());
beforeEach(async () => {
  directory = await directoryOf({});
  for (const name of NAMESPACES) await cluster.apply(reference("v1", "Namespace", name));
  const asDaemonSet = PLATFORM.split("---")[2]?.replace("name: default", "name: on-each").replace("spec: {", "spec: { dataplaneResource: DaemonSet,") ?? "";
  const onEach = gateway("three").replace("spec:", `spec:\n  infrastructure: { parametersRef: { group: stunner.l7mp.io, kind: Dataplane, name: on-each } }`);
  await install(PLATFORM, asDaemonSet, gateway("one"), gateway("two", { port: 3479 }), onEach, route("app", "one", "192.0.2.1"));
  await cluster.apply(theirs);
});
afterEach(async () => {
  await serve?.stop("SIGKILL");
  serve = undefined;
  await cluster.reset();
  await directory.remove();
});

const theirs = { ...reference("v1", "Service", "theirs", "media"), spec: { ports: [{ port: 1 }] } };

async function install(...texts: string[]): Promise<void> {
  for (const document of parseAllDocuments(texts.join("---\n"))) await cluster.apply(document.toJS() as Manifest, { fieldManager: "user" });
}

const settings = (): string[] => [`--kubeconfig=${cluster.kubeconfig}`, `--store=file://${directory.path}/store`];
const address = "--cds-url=http://192.0.2.1:13478";

/** What stands in the namespaces beside what was there before us. */
async function made(): Promise<Resource[]> {
  const lists = await Promise.all(MADE.flatMap(([apiVersion, kind]) => NAMESPACES.map((namespace) => cluster.list(apiVersion, kind, namespace))));
  return lists.flat().filter(({ metadata }) => !["theirs", "kube-root-ca.crt"].includes(metadata.name));
}

/** The Deployment has made its pods, and the DaemonSet would have. */
async function untilMade(): Promise<void> {
  await untilLive(cluster, reference("apps/v1", "Deployment", "one", "media"), ({ status }) => (status as { replicas?: number } | undefined)?.replicas === 1);
  await untilLive(cluster, reference("apps/v1", "DaemonSet", "three", "media"), ({ status }) => (status as { observedGeneration?: number } | undefined)?.observedGeneration === 1);
  await untilLive(cluster, reference("v1", "Service", "two", "media"), () => true);
  await untilLive(cluster, reference("gateway.networking.k8s.io/v1", "Gateway", "three", "media"), ({ status }) => JSON.stringify(status).includes('"Programmed"'));
  expect(new Set((await made()).map(({ kind }) => kind))).toEqual(new Set(["Service", "Deployment", "ReplicaSet", "Pod", "DaemonSet", "ControllerRevision"]));
}

const conditionsOf = (object: Resource | undefined): readonly Condition[] => (object?.["status"] as { conditions?: readonly Condition[] } | undefined)?.conditions ?? [];

async function textOf(store: ObjectStore, key: string): Promise<string> {
  const found = await store.get(key);
  return found.status === "found" ? Buffer.from(found.body).toString() : "";
}

/** What a delivery needs beside the address. */
async function deliveryOf(name: string): Promise<string[]> {
  const keys = join(directory.path, "keys");
  if (name === "pull" || name === "proxy") await writeFile(keys, formatKeyRing({ current: createSecretKey(Buffer.alloc(32, 1)) }));
  return {
    direct: [address],
    pull: ["--delivery=pull", "--cds-url=https://cds.example.com", `--token-keys=${keys}`],
    proxy: ["--delivery=proxy", "--cds-url=https://cds.example.com", `--token-keys=${keys}`],
    configmap: ["--delivery=configmap", "--delivery-object=ConfigMap"],
    secret: ["--delivery=configmap"],
  }[name] ?? [];
}

/** Nothing is left, and the statuses say so (spec/rendering.md 2.5, 2.6). */
async function expectNothingLeft(why: string): Promise<void> {
  for (const object of await made()) await untilGone(cluster, object);
  expect((await made()).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
  const left = (await Promise.all(THEIRS.map(([apiVersion, kind]) => cluster.list(apiVersion, kind)))).flat();
  expect(left).toHaveLength(8);
  for (const { metadata } of [...left, ...(await cluster.list("v1", "Namespace"))]) expect(JSON.stringify(metadata["finalizers"] ?? [])).not.toContain("stunner");

  const gatewayClass = await cluster.get(reference("gateway.networking.k8s.io/v1", "GatewayClass", "stunner"));
  expect(conditionsOf(gatewayClass)).toMatchObject([{ type: "Accepted", status: "False", reason: "InvalidParameters", message: expect.stringContaining(why) }]);
  for (const one of await cluster.list("gateway.networking.k8s.io/v1", "Gateway", "media")) {
    expect(conditionsOf(one)).toEqual(expect.arrayContaining([
      expect.objectContaining({ type: "Accepted", status: "False", reason: "Pending", message: expect.stringContaining(why) }),
      expect.objectContaining({ type: "Programmed", status: "False", reason: "Invalid", message: expect.stringContaining(why) }),
    ]));
    const { addresses = [], listeners } = one["status"] as unknown as { addresses?: readonly object[]; listeners: readonly { attachedRoutes: number; conditions: readonly Condition[] }[] };
    expect(addresses).toEqual([]);
    expect(listeners.map(({ conditions }) => conditions.find(({ type }) => type === "Accepted"))).toMatchObject([{ status: "Unknown", reason: "Pending" }]);
  }
  const [attached] = await cluster.list("stunner.l7mp.io/v1", "UDPRoute", "media");
  const status = attached?.["status"] as { parents?: readonly { conditions: readonly Condition[] }[] } | undefined;
  expect(status?.parents?.map(({ conditions }) => conditions.find(({ type }) => type === "Accepted")?.status)).toEqual(["True"]);
  expect(await cluster.get(theirs)).toMatchObject({ spec: { ports: [{ port: 1 }] } });
}

describe("nothing is made again", () => {
  test("by passes that go on: of serve, of functions, of reconcile; until the mark is deleted", async () => {
    const MARK = "clusters/default/torn-down.json";
    const store = openStore(`file://${directory.path}/store`);
    const list = JSON.stringify([{ name: "default", connect: { type: "kubeconfig", path: cluster.kubeconfig }, delivery: "configmap" }]);
    const message = async (): Promise<[string, number]> => {
      const { context, time, sent } = testCloud({ STUNNER_CLUSTERS: list }, store);
      return [await createReconcileHandler(context)({ cluster: "default", start: 0 }, { sentAt: 0, end: time + 60_000 }), sent.length];
    };
    serve = await startServe([...settings(), "--delivery=configmap", "--throttle-timeout=20ms", "--resync=1s"]);
    await untilLive(cluster, reference("apps/v1", "Deployment", "one", "media"), () => true);
    const { code, stdout } = await run(["teardown", "--yes", ...settings()]);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`delete ${MARK} from the store`)]);
    await serve.line(new RegExp(`torn-down: .*${MARK}`));
    expect(await message()).toEqual(["done", 0]);
    expect(await run(["reconcile", ...settings(), "--delivery=configmap"])).toMatchObject({ code: 1, stdout: expect.stringContaining("torn-down: ") as string });
    await expectNothingLeft("teardown");

    await store.delete(MARK);
    await serve.line(/passes succeed again/);
    await untilLive(cluster, reference("apps/v1", "Deployment", "one", "media"), () => true);
  }, SLOW);

  test("but no cluster is stopped by a teardown of another one under its name", async () => {
    expect(await run(["reconcile", ...settings(), address])).toMatchObject({ code: 0 });
    const store = openStore(`file://${directory.path}/store`);
    const index = JSON.parse(await textOf(store, "clusters/default/index.json")) as object;
    await store.put("clusters/default/index.json", Buffer.from(JSON.stringify({ ...index, clusterUid: "another" })));
    expect(await run(["teardown", "--yes", ...settings()])).toMatchObject({ code: 1, stdout: expect.stringContaining("other-cluster: ") as string });
    expect(await textOf(store, "clusters/default/torn-down.json")).toBe("");
  });
});

describe("nothing is left", () => {
  test.each(["direct", "pull", "proxy", "configmap", "secret"])("of delivery %s, also after a teardown that was interrupted or not let do all of it", async (delivery) => {
    expect(await run(["reconcile", ...settings(), ...(await deliveryOf(delivery))])).toMatchObject({ code: 0 });
    const mounted = (await made()).filter(({ kind }) => kind === "ConfigMap" || kind === "Secret");
    expect(mounted).toHaveLength({ direct: 0, pull: 6, proxy: 6, configmap: 3, secret: 3 }[delivery] ?? -1);
    // As if killed when the workloads were gone: nothing mounts them any more.
    for (const object of await made()) if (object.kind !== "ConfigMap" && object.kind !== "Secret") await cluster.delete(object);
    const proxy = await startFaultProxy(cluster);
    const kubeconfig = await cluster.kubeconfigFor({ token: cluster.adminToken }, proxy.url);
    let refused = 0;
    proxy.spoil(({ method }) => (method === "DELETE" && refused++ < mounted.length ? { answer: 403, body: statusOf(403, "Forbidden") } : undefined));
    const first = await run(["teardown", "--yes", ...settings(), `--kubeconfig=${kubeconfig}`]);
    await proxy.close();
    expect([first.code, first.stdout.includes("still there: ")]).toEqual(mounted.length === 0 ? [0, false] : [1, true]);
    expect(await made()).toHaveLength(mounted.length);

    const { code, stdout } = await run(["teardown", "--yes", ...settings()]);
    expect([code, stdout]).toEqual([0, expect.not.stringContaining("still there")]);
    await expectNothingLeft("teardown");
  }, SLOW);

  test("after teardown, also of one that was interrupted", async () => {
    expect(await run(["reconcile", ...settings(), address])).toMatchObject({ code: 0, stderr: "" });
    await untilMade();
    // As if killed in the middle.
    await cluster.delete(reference("v1", "Service", "two", "media"));
    const { code, stdout } = await run(["teardown", "--yes", ...settings()]);
    expect([code, stdout]).toEqual([0, expect.not.stringContaining("still there")]);
    await expectNothingLeft("teardown");
    const again = await run(["teardown", "--yes", ...settings()]);
    expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/^done: nothing changed; .*; \d+ requests, \d+ kB in; \d+ ms$/m)]);
  }, SLOW);

  test("after SIGTERM of serve with --enable-finalizer, and everything without", async () => {
    serve = await startServe([...settings(), address, "--throttle-timeout=20ms"]);
    await untilMade();
    const before = await made();
    expect(await serve.stop()).toBe(0);
    expect((await made()).map(({ metadata }) => metadata.uid).toSorted()).toEqual(before.map(({ metadata }) => metadata.uid).toSorted());

    serve = await startServe([...settings(), address, "--throttle-timeout=20ms", "--enable-finalizer"]);
    expect(await serve.stop()).toBe(0);
    await expectNothingLeft("--enable-finalizer");
  });
});
