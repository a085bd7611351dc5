import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:https";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { RenderResult } from "../../shared/render/result.ts";
import { gateway, install, listener, SMALL, dataplane } from "../cluster/live-fixture.ts";
import { reference, type Manifest, type Resource } from "../cluster/resource.ts";
import { startNameServer } from "../integration/delivery/name-server.ts";
import { startPod, type Pod } from "../integration/delivery/pod.ts";
import { hasPrograms, stunnerdCommand } from "../integration/delivery/programs.ts";
import { readReport } from "../../shared/reconcile/report-store.ts";
import { eventually } from "../support/running-serve.ts";
import { childOf } from "../support/json.ts";
import { API_KEY, startWorld, type World } from "./gcp/world.ts";

const PATH = "/c/prod/api/v1/configs/media/gw";
const DELIVERY = "gw-stunner-delivery";
const OBJECTS = [reference("apps/v1", "Deployment", "gw", "media"), reference("v1", "ConfigMap", DELIVERY, "media"), reference("v1", "Secret", DELIVERY, "media")];
const manifests = [...SMALL.filter(({ kind }) => kind !== "Dataplane"), dataplane({ disableHealthCheck: true })];
const withPort = (port: number): Manifest => gateway("gw", { listeners: [listener("udp", port)] });

interface Config {
  readonly listeners: readonly { readonly port: number; readonly public_address?: string }[];
}

async function post(origin: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await fetch(origin + path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: text });
  return { status: answer.status, body: await answer.text() };
}

/** A LogEntry of GKE. */
function entry(name: string, verb: string): object {
  return {
    insertId: randomBytes(6).toString("hex"),
    logName: "projects/media-prod/logs/cloudaudit.googleapis.com%2Factivity",
    protoPayload: {
      "@type": "type.googleapis.com/google.cloud.audit.AuditLog", serviceName: "k8s.io", status: {},
      authenticationInfo: { principalEmail: "someone@example.com" },
      methodName: `io.k8s.networking.gateway.v1.gateways.${verb}`, resourceName: `gateway.networking.k8s.io/v1/namespaces/media/gateways/${name}`,
    },
    resource: { type: "k8s_cluster", labels: { project_id: "media-prod", location: "europe-west1", cluster_name: "prod" } },
  };
}

/** What a push subscription makes of it. */
function pushed(data: object): object {
  return { message: { data: Buffer.from(JSON.stringify(data)).toString("base64"), messageId: "1" }, subscription: "projects/media-prod/subscriptions/audit" };
}

function ce(type: string): Record<string, string> {
  return { "ce-id": "1", "ce-specversion": "1.0", "ce-source": "//logging.googleapis.com/x", "ce-type": type };
}

/** The functions as built, each in the functions framework, and nothing between them but what Google Cloud would have there. */
describe("Google Cloud from end to end", () => {
  let world: World;
  let pods: Pod[] = [];
  beforeAll(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await install(world.cluster, manifests);
    await settled();
  });
  afterEach(async () => {
    await Promise.all(pods.map((pod) => pod.stop()));
    pods = [];
    Object.assign(world.tasks.mood, { copies: 1, reversed: false, outage: undefined });
    world.gate.outage = undefined;
  });
  afterAll(() => world?.close());

  const edit = (port: number): Promise<Resource> => world.cluster.patch(withPort(port), { spec: withPort(port)["spec"] ?? {} });
  /** Until nothing is to be done any more and what is published is what the cluster has. */
  async function settled(): Promise<void> {
    await eventually(async () => {
      const live = await world.cluster.get(gateway());
      const port = (live?.["spec"] as { listeners?: { port: number }[] } | undefined)?.listeners?.[0]?.port;
      return port !== undefined && (await published())?.listeners[0]?.port === port && (await world.cluster.get(OBJECTS[2] ?? gateway())) !== undefined;
    }, 40_000);
    await world.tasks.idle();
  }
  async function index(): Promise<{ readonly renderedAt: number; readonly configs: Record<string, { digest: string }> } | undefined> {
    const found = await world.store.get("clusters/prod/index.json");
    return found.status === "found" ? JSON.parse(Buffer.from(found.body).toString()) : undefined;
  }
  async function published(): Promise<Config | undefined> {
    const { configs = {} } = (await index()) ?? {};
    const config = await world.store.get(`clusters/prod/configs/media/gw/${configs["media/gw"]?.digest ?? "none"}.json`);
    return config.status === "found" ? (JSON.parse(Buffer.from(config.body).toString()) as Config) : undefined;
  }
  /** What the reconcile has put into the cluster for the pods of the Gateway. */
  async function token(): Promise<string> {
    const secret = await world.cluster.get(reference("v1", "Secret", DELIVERY, "media"));
    return Buffer.from(String(childOf(secret ?? {}, "data")["token"]), "base64").toString().trim();
  }
  /** GET through the front end, with TLS that is verified. */
  const get = (path: string, headers: Record<string, string>): Promise<{ status: number; etag: string; body: string }> => new Promise((resolve, reject) => {
    const asked = request(world.cds.origin + path, { ca: world.authority.ca, headers }, (answer) => {
      let body = "";
      answer.on("data", (part: Buffer) => (body += part.toString()));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, etag: String(answer.headers.etag ?? ""), body }));
    });
    asked.on("error", reject);
    asked.end();
  });
  test("an edit reaches pull and watch clients: webhook, event, task, pass, Cloud Storage, CDS", async () => {
    const authorization = `Bearer ${await token()}`;
    const first = await get(PATH, { authorization });
    expect(first.status).toBe(200);
    expect((await get(PATH, { authorization, "if-none-match": first.etag })).status).toBe(304);
    const socket = new WebSocket(`${world.cds.origin.replace("https", "wss")}${PATH}?watch=true`, { headers: { authorization }, ca: world.authority.ca });
    await once(socket, "message");
    const next = once(socket, "message");
    const began = performance.now();
    await edit(4001);
    const config = JSON.parse(String((await next)[0])) as Config;
    const took = Math.round(performance.now() - began);
    process.stdout.write(`Google Cloud: from the edit to the watching client ${took} ms\n`);
    expect(config.listeners[0]?.port).toBe(4001);
    await expect.poll(async () => (await get(PATH, { authorization, "if-none-match": first.etag })).status, { timeout: 5_000 }).toBe(200);
    socket.close();
    // Who asks is whom Google says: tokens of the service account, for Cloud Tasks as for the API server.
    expect(world.tasks.tokens()).toEqual(new Set(world.metadata.given));
    expect(world.passes().some(({ outcome }) => outcome === "done")).toBe(true);
  });

  test("stunnerd in a rendered pod, behind nginx as rendered, follows", async () => {
    if (!hasPrograms()) return;
    const names = await startNameServer();
    const objects = await Promise.all(OBJECTS.map((one) => world.cluster.get(one)));
    const pod = startPod({ objects } as unknown as RenderResult, { nameServer: names.address, stunnerd: stunnerdCommand() });
    pods.push(pod);
    const ready = (): number => pod.output().split("Reconciliation ready").length - 1;
    await eventually(() => ready() > 0);
    const before = ready();
    await edit(4002);
    await eventually(() => ready() > before);
    // The platform stops the instance, and the next one answers: stunnerd comes back by itself.
    expect(await world.replaceCds()).toBe(0);
    const others = ready();
    await edit(4003);
    await eventually(() => ready() > others);
    expect(pod.output()).not.toContain(await token());
    names.stop();
  });

  test("duplicates, another order and a burst of events: few passes, the last state, an index a second", async () => {
    Object.assign(world.tasks.mood, { copies: 2, reversed: true });
    const [passes, tasks, writes] = [world.passes().length, world.tasks.created().length, world.gate.writes.length];
    const began = performance.now();
    const written = new Set<number>();
    const sampler = setInterval(async () => written.add((await index())?.renderedAt ?? 0), 100);
    for (let port = 5001; port <= 5040; port += 1) await edit(port);
    await Promise.all(Array.from({ length: 300 }, () => post(world.instances.event.origin, world.eventPath, pushed(entry("gw", "update")))));
    await settled();
    clearInterval(sampler);
    const seconds = (performance.now() - began) / 1000;
    const times = [...written].sort((a, b) => a - b);
    // Cloud Storage takes one write of an object a second.
    expect(Math.min(...times.slice(1).map((time, at) => time - (times[at] ?? 0)))).toBeGreaterThanOrEqual(1_000);
    expect((await published())?.listeners[0]?.port).toBe(5040);
    const made = { passes: world.passes().length - passes, tasks: world.tasks.created().length - tasks };
    const moves = world.gate.writes.slice(writes).filter((line) => line.includes("/upload/")).length;
    process.stdout.write(`Google Cloud: 340 events in ${seconds.toFixed(1)} s, ${JSON.stringify(made)}, ${moves} writes to the store\n`);
    // Passes begin a second apart; each task twice, and each pass one second look at the most.
    expect(made.passes).toBeLessThanOrEqual(4 * Math.ceil(seconds));
    expect(made.tasks).toBeLessThan(100);
    const report = await readReport(world.store, "prod");
    expect(report?.outcome).toBe("done");
  });

  test("what is no message, or of nobody, is dropped; what is no event is refused", async () => {
    for (const body of ["{", "", '{"cluster":"prod"}', '{"cluster":"../x","start":1}', '{"cluster":"elsewhere","start":1}']) world.tasks.plant(world.reconcileUrl, body);
    const before = world.tasks.posted().length;
    await eventually(() => world.tasks.posted().length >= before + 5);
    await world.tasks.idle();
    expect(world.tasks.posted().slice(before).map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
    const told = world.passing.flatMap((one) => one.lines()).filter(({ severity }) => severity === "ERROR" || severity === "WARNING").map(({ message }) => message);
    expect(told.filter((message) => message === "a task that is no message, and is dropped")).toHaveLength(4);
    expect(told).toContain("a message for a cluster that is not in the list");
    const { origin } = world.instances.event;
    expect((await post(origin, world.eventPath, { message: { data: "!" }, subscription: "s" })).status).toBe(422);
    expect((await post(origin, world.eventPath.replace("prod", "other"), pushed(entry("gw", "update")))).status).toBe(403);
    expect((await post(origin, world.eventPath.slice(0, -1), pushed(entry("gw", "update")))).status).toBe(403);
    const taken = (): unknown[] => world.instances.event.lines().filter(({ message }) => message === "events");
    expect((await post(origin, world.eventPath, pushed({ textPayload: "x" }))).status).toBe(202);
    await expect.poll(() => taken().at(-1)).toMatchObject({ changes: 0, relevant: 0 });
  });

  test("audit logs ask for passes: pushed by Pub/Sub, and by Eventarc with the cluster in the log", async () => {
    const asked = async (send: () => Promise<{ status: number }>): Promise<number> => {
      const before = world.passes().length;
      const { status } = await send();
      await eventually(() => world.passes().length > before);
      await world.tasks.idle();
      return status;
    };
    expect(await asked(() => post(world.instances.event.origin, world.eventPath, pushed(entry("gw", "update"))))).toBe(202);
    const { origin } = world.instances.audit;
    // The first one knows of no token, no path and no cluster but that of the log.
    expect(await asked(() => post(origin, "/", entry("gw", "patch"), ce("google.cloud.audit.log.v1.written")))).toBe(204);
    expect(await asked(() => post(origin, "/?__GCP_CloudEventsMode=CE_PUBSUB_BINDING", pushed(entry("gw", "update")), ce("google.cloud.pubsub.topic.v1.messagePublished")))).toBe(204);
    const taken = (): number => world.instances.audit.lines().filter(({ message }) => message === "events").length;
    expect(taken()).toBe(2);
    const elsewhere = JSON.parse(JSON.stringify(entry("gw", "update")).replace('"cluster_name":"prod"', '"cluster_name":"other"')) as object;
    expect((await post(origin, "/", elsewhere, ce("google.cloud.audit.log.v1.written"))).status).toBe(204);
    expect((await post(origin, "/", { protoPayload: 1 }, ce("google.cloud.audit.log.v1.written"))).status).toBe(204);
    const warned = (): unknown[] => world.instances.audit.lines().filter(({ severity }) => severity === "WARNING" || severity === "ERROR").map(({ message }) => message);
    await expect.poll(warned).toEqual(["events of a cluster that is not in the list", "an event that cannot be read, and is dropped"]);
    expect(taken()).toBe(2);
  });

  test("Cloud Scheduler asks for each cluster, and is told where that failed", async () => {
    const { origin } = world.instances.resync;
    const before = world.passes().length;
    expect((await post(origin, "/", "")).status).toBe(204);
    expect((await post(origin, "/prod", "")).status).toBe(204);
    await eventually(() => world.passes().length > before);
    await world.tasks.idle();
    world.tasks.mood.outage = 503;
    expect((await post(origin, "/", "")).status).toBe(503);
    world.tasks.mood.outage = undefined;
    expect((await post(origin, "/", "")).status).toBe(204);
    await world.tasks.idle();
  });

  test("while Cloud Storage is away, writes to the cluster go on, CDS serves, and everything is made up for", async () => {
    const authorization = `Bearer ${await token()}`;
    const before = (JSON.parse((await get(PATH, { authorization })).body) as Config).listeners[0]?.port;
    world.gate.outage = 503;
    await edit(6001);
    expect((await get(PATH, { authorization })).status).toBe(200);
    expect((JSON.parse((await get(PATH, { authorization })).body) as Config).listeners[0]?.port).toBe(before);
    await eventually(() => world.instances.event.lines().some(({ severity }) => severity === "ERROR"), 30_000);
    world.gate.outage = undefined;
    // The event was lost with the store: the timer is the guarantee.
    expect((await post(world.instances.resync.origin, "/", "")).status).toBe(204);
    await settled();
    await expect.poll(async () => (JSON.parse((await get(PATH, { authorization })).body) as Config).listeners[0]?.port, { timeout: 10_000 }).toBe(6001);
  });

  test("a store that goes away in the middle of passes loses nothing: tasks come again", async () => {
    for (let round = 0; round < 3; round += 1) {
      await edit(6100 + round);
      world.gate.outage = 503;
      await new Promise((resolve) => setTimeout(resolve, 700));
      world.gate.outage = undefined;
    }
    await edit(6110);
    await settled();
    expect((await published())?.listeners[0]?.port).toBe(6110);
  });

  test("tokens that are refused, end, or cannot be had for a while are replaced", async () => {
    const good = world.metadata.given[0] ?? "";
    const failed = (): number => world.passes().filter(({ outcome, error }) => outcome === "failed" && JSON.stringify(error).includes("401")).length;
    // GKE does not take it any more, and the metadata server has no other yet.
    world.metadata.set("revoked", 1);
    await world.replacePassing();
    await edit(6200);
    await eventually(() => failed() > 0);
    // From now on a token is good for a second: each use asks for another.
    world.metadata.set(good, 1);
    const given = world.metadata.given.length;
    await settled();
    expect(world.metadata.given.length).toBeGreaterThan(given + 1);
    world.metadata.fail(true);
    await edit(6201);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    world.metadata.fail(false);
    world.metadata.set(good, 3600);
    expect((await post(world.instances.resync.origin, "/", "")).status).toBe(204);
    await settled();
    expect((await published())?.listeners[0]?.port).toBe(6201);
  });

  test("an address that the cloud gives is told to applications, for the API key of the secret", async () => {
    const service = await world.cluster.get(reference("v1", "Service", "gw", "media"));
    await world.cluster.status({ ...(service as Manifest), status: { loadBalancer: { ingress: [{ ip: "198.51.100.7" }] } } });
    await eventually(async () => (await published())?.listeners[0]?.public_address === "198.51.100.7");
    const { origin } = world.instances.credentials;
    const ask = async (key: string): Promise<Response> => fetch(`${origin}/c/prod/ice?service=turn`, { headers: { authorization: `Bearer ${key}` } });
    await expect.poll(async () => (await ask(API_KEY)).status, { timeout: 5_000 }).toBe(200);
    expect(await (await ask(API_KEY)).text()).toContain("turn:198.51.100.7:");
    expect((await ask("another-key-of-some-length")).status).toBe(401);
  });

  test("nothing that a function writes has a secret in it", async () => {
    const all = [...world.passing, ...Object.values(world.instances)].map((one) => one.output()).join("");
    const secrets = [await token(), world.metadata.given[0] ?? "", API_KEY, "secret-of-alice", world.eventPath.split("/").at(-1) ?? ""];
    expect(secrets.filter((secret) => secret === "" || all.includes(secret))).toEqual([]);
    expect(all).not.toContain('"Bug"');
  });
});
