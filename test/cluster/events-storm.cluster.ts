import { Agent, request } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { directoryOf, eventually, startServe, type RunningServe } from "../support/running-serve.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { startFaultProxy, type Asked, type FaultProxy } from "./fault-proxy.ts";
import { gateway, install, listener, SMALL } from "./live-fixture.ts";
import type { Resource } from "./resource.ts";

const EVENTS = 10_000;
/** So many come as admission reviews, one by one; the rest from the audit log, in the batches that an API server sends. */
const REVIEWS = 2000;
const BATCH = 400;
const CONNECTIONS = 16;
/** Seconds between two passes, at least. */
const THROTTLE = 1;
const GATEWAY = gateway();

let cluster: Cluster;
let proxy: FaultProxy;
let directory: Awaited<ReturnType<typeof directoryOf>>;
let serve: RunningServe;

beforeAll(async () => {
  [cluster, directory] = await Promise.all([startCluster({ gatewayApi: gatewayApiOr("newest") }), directoryOf({})]);
  proxy = await startFaultProxy(cluster);
});
beforeEach(async () => {
  await cluster.reset();
  await install(cluster, SMALL);
  proxy.spoil(() => undefined);
  const kubeconfig = await cluster.kubeconfigFor({ token: cluster.adminToken }, proxy.url);
  const flags = [`--store=file://${directory.path}/store`, "--cluster=test", "--cds-url=http://127.0.0.1:13478", "--event-token=t", `--throttle-timeout=${THROTTLE}s`, "--resync=1h"];
  serve = await startServe([`--kubeconfig=${kubeconfig}`, ...flags, "--allow-mass-delete"]);
  await quiet();
});
afterEach(async () => void (await serve.stop("SIGKILL")));
afterAll(async () => {
  await proxy.close();
  await cluster.stop();
  await directory.remove();
});

test(`${EVENTS} events at its endpoint cost a handful of passes, and the last state wins`, { timeout: 300_000 }, async () => {
  const live = await cluster.read(GATEWAY);
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const reviews = Array.from({ length: REVIEWS }, (_, number) => reviewOf(live, number));
  const batches = Array.from({ length: (EVENTS - REVIEWS) / BATCH }, (_, number) => auditOf(live, number * BATCH));
  const queue = [...batches, ...reviews];
  const answers = new Map<number, number>();
  const sender = async (): Promise<void> => {
    for (let body = queue.pop(); body !== undefined; body = queue.pop()) {
      const status = await post(agent, body);
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
  };
  const cost = await during(async () => {
    await Promise.all([...Array.from({ length: CONNECTIONS }, sender), edits(live)]);
  });
  agent.destroy();
  expect(answers).toEqual(new Map([[200, REVIEWS], [202, batches.length]]));
  expect(cost.passes).toBeLessThanOrEqual(5 + cost.seconds / THROTTLE);
});

test(`${EVENTS} events of its watch at once cost a handful of passes, and the last state wins`, { timeout: 300_000 }, async () => {
  const live = await cluster.read(GATEWAY);
  const storm = stormOf(live);
  let isOver = false;
  const cost = await during(async () => {
    proxy.spoil((asked) => {
      if (isOver || !isGatewayWatch(asked)) return undefined;
      isOver = true;
      return { answer: 200, body: storm };
    });
    proxy.cut();
    await eventually(() => isOver);
    await edits(live);
  });
  expect(cost.passes).toBeLessThanOrEqual(5 + cost.seconds / THROTTLE);
});

/** What serve does while something happens, until it is over and the last edit is served. */
async function during(act: () => Promise<void>): Promise<{ passes: number; seconds: number }> {
  const [began, before] = [performance.now(), await passesSoFar()];
  await act();
  await eventually(async () => (await (await fetch(`${serve.origin}/api/v1/configs/media/gw`)).text()).includes(`"port":${LAST_PORT}`), 60_000);
  await quiet();
  const found = { passes: (await passesSoFar()) - before, seconds: (performance.now() - began) / 1000 };
  expect(found.passes).toBeGreaterThan(0);
  return found;
}

const LAST_PORT = 5020;

/** Real ones, one after the other. */
async function edits({ metadata }: Resource): Promise<void> {
  for (let port = LAST_PORT - 20; port <= LAST_PORT; port += 1) {
    await cluster.patch({ ...GATEWAY, metadata }, { spec: { listeners: [listener("udp", port)] } });
  }
}

async function passesSoFar(): Promise<number> {
  const metrics = await (await fetch(`${serve.origin}/metrics`)).text();
  return [...metrics.matchAll(/^stunner_serverless_passes_total\{[^}]*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Until there has been no pass for longer than the throttle and the second look at an announced write take. */
async function quiet(): Promise<void> {
  let [count, since] = [-1, 0];
  await eventually(async () => {
    const now = await passesSoFar();
    if (now !== count) [count, since] = [now, performance.now()];
    return performance.now() - since > 3000;
  }, 60_000);
}

/** Another version of an object, that nobody has seen before. */
function versionOf(live: Resource, number: number): Resource {
  return { ...live, metadata: { ...live.metadata, resourceVersion: `${live.metadata.resourceVersion}${number}`, labels: { round: `${number}` } } };
}

/** Of a change of the labels, which Services have as well. */
function reviewOf(live: Resource, number: number): string {
  const resource = { group: "gateway.networking.k8s.io", version: "v1", resource: "gateways" };
  const { name, namespace } = GATEWAY.metadata;
  const told = { uid: `review-${number}`, resource, name, namespace, operation: "UPDATE", userInfo: { username: "user" }, dryRun: false };
  const versions = { object: versionOf(live, number), oldObject: versionOf(live, number + 1) };
  return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: { ...told, ...versions } });
}

/** So many entries of the audit log (audit.k8s.io/v1), from a number on. */
function auditOf(live: Resource, from: number): string {
  const { name, namespace } = GATEWAY.metadata;
  const items = Array.from({ length: BATCH }, (_, index) => ({
    level: "Metadata", auditID: `audit-${from + index}`, stage: "ResponseComplete", verb: "update", user: { username: "user" }, requestURI: "/", responseStatus: { code: 200 },
    objectRef: { resource: "gateways", apiGroup: "gateway.networking.k8s.io", apiVersion: "v1", name, namespace, resourceVersion: versionOf(live, from + index).metadata.resourceVersion },
  }));
  return JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", items });
}

/** The status of the answer. */
async function post(agent: Agent, body: string): Promise<number> {
  const sent = request(`${serve.origin}/v1/clusters/test/events/t`, { agent, method: "POST", headers: { "content-type": "application/json" } });
  sent.end(body);
  return new Promise((resolve, reject) => {
    sent.once("error", reject);
    sent.once("response", (answer) => answer.resume().once("end", () => resolve(answer.statusCode ?? 0)));
  });
}

function isGatewayWatch({ path }: Asked): boolean {
  return path.includes("/gateways?") && path.includes("watch=");
}

/** A watch of so many changes, at whose end the next one goes on from what is there. */
function stormOf(live: Resource): string {
  const { resourceVersion } = live.metadata;
  const events = Array.from({ length: EVENTS }, (_, number) => ({ type: "MODIFIED", object: versionOf(live, number) }));
  const end = { type: "BOOKMARK", object: { apiVersion: live.apiVersion, kind: live.kind, metadata: { resourceVersion } } };
  return [...events, end].map((event) => `${JSON.stringify(event)}\n`).join("");
}
