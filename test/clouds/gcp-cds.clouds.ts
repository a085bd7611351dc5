import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { parseKeyRing } from "../../shared/access/key-ring.ts";
import { deriveToken } from "../../shared/access/token.ts";
import { publish } from "../../shared/cds/publish.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { createGsStore } from "../../shared/store/gs.ts";
import { parseGsUrl } from "../../shared/store/gs-location.ts";
import { publication, rendered } from "../integration/publish-support.ts";
import { makeGcsBucket, startGcs } from "../support/gcs.ts";
import { buildBundles, type Bundles } from "./gcp/bundles.ts";
import { startInstance, type Instance } from "./gcp/function.ts";
import { startGate, type Switchable } from "./gcp/google.ts";
import { startMetadata, type Metadata } from "./gcp/metadata.ts";
import type { CloudServer } from "./server.ts";

const KEYS = randomBytes(32).toString("base64");
const { current } = parseKeyRing(KEYS);
const PATH = "/c/prod/api/v1/configs/ns/a";
const bearer = (uid = "u-ns/a") => ({ authorization: `Bearer ${deriveToken(current, { purpose: "config", cluster: "prod", namespace: "ns", name: "a", uid })}` });
const operator = { authorization: `Bearer ${deriveToken(current, { purpose: "operator", cluster: "prod" })}` };

function watch(instance: Instance, headers: Record<string, string> = bearer()): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${instance.port}${PATH}?watch=true`, { headers });
  socket.on("error", () => undefined);
  return socket;
}

function realmOf(text: string): string {
  return (JSON.parse(text) as { auth: { realm: string } }).auth.realm;
}

async function message(socket: WebSocket): Promise<string> {
  return realmOf(String((await once(socket, "message"))[0]));
}

async function get(instance: Instance, headers: Record<string, string> = bearer(), path = PATH): Promise<{ status: number; headers: Headers; body: string }> {
  const answer = await fetch(instance.origin + path, { headers });
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

/** The built bundle in the functions framework: one instance per test, and a store that the test writes to. */
describe("CDS on Google Cloud", () => {
  let gcs: CloudServer;
  let bundles: Bundles;
  let metadata: Metadata;
  let gate: Switchable;
  let count = 0;
  const instances: Instance[] = [];

  beforeAll(async () => {
    [gcs, bundles, metadata] = await Promise.all([startGcs(), buildBundles(), startMetadata(() => "a-token")]);
    await makeGcsBucket(gcs, "stunner");
    gate = await startGate(gcs.origin);
  });
  afterEach(async () => {
    gate.outage = undefined;
    await Promise.all(instances.splice(0).map((one) => one.kill()));
  });
  afterAll(async () => void (await Promise.all([gcs.stop(), bundles.remove(), metadata.close(), gate.close()])));

  async function start(env: Record<string, string> = {}, name = "cds"): Promise<{ instance: Instance; store: ObjectStore; set: (realm: string) => Promise<unknown> }> {
    const prefix = `run-${(count += 1)}`;
    const store = createGsStore(parseGsUrl(`gs://stunner/${prefix}?endpoint=${gcs.origin}`));
    const set = (realm: string): Promise<unknown> => publish(store, publication({}, { configs: rendered({ "ns/a": realm }, "u"), cluster: "prod", now: Date.now }));
    await set("one");
    const instance = await startInstance({
      source: bundles.source(name),
      target: name,
      env: {
        STUNNER_STORE: `gs://stunner/${prefix}?endpoint=${gate.origin}`,
        STUNNER_CLUSTERS: JSON.stringify([{ name: "prod", connect: { type: "gke", server: "https://127.0.0.1:1" } }]),
        STUNNER_TOKEN_KEYS: KEYS,
        STUNNER_CDS_URL: "https://cds.example.com",
        STUNNER_QUEUE_URL: "projects/p/locations/l/queues/q",
        STUNNER_RECONCILE_URL: "https://reconcile.example.com/",
        STUNNER_QUEUE_ACCOUNT: "a@p.iam.gserviceaccount.com",
        STUNNER_TIMEOUT_SECONDS: "3600",
        GCE_METADATA_HOST: metadata.host,
        ...env,
      },
    });
    instances.push(instance);
    return { instance, store, set };
  }

  test("the very first request of an instance may be an upgrade", async () => {
    const { instance, set } = await start();
    const socket = watch(instance);
    expect(await message(socket)).toBe("one");
    const next = message(socket);
    await set("two");
    expect(await next).toBe("two");
    expect(metadata.given.length).toBeGreaterThan(0);
    expect(instance.output()).toBe("");
  });

  test("many upgrades at once on a cold instance, beside requests", async () => {
    const { instance } = await start();
    const sockets = Array.from({ length: 50 }, () => watch(instance));
    const answers = Promise.all(Array.from({ length: 20 }, () => get(instance)));
    expect(new Set(await Promise.all(sockets.map(message)))).toEqual(new Set(["one"]));
    expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set([200]));
  });

  test("GET has entity tags, and what is published shows within the time that a look is good for", async () => {
    const { instance, set } = await start();
    const first = await get(instance);
    const etag = first.headers.get("etag") ?? "";
    expect([first.status, realmOf(first.body), first.headers.get("cache-control")]).toEqual([200, "one", "private, no-store"]);
    expect((await get(instance, { ...bearer(), "if-none-match": etag })).status).toBe(304);
    await set("two");
    await expect.poll(async () => realmOf((await get(instance)).body), { timeout: 5_000 }).toBe("two");
    expect((await get(instance)).headers.get("stunner-poll-interval")).toBe("1");
  });

  test("nobody gets in without the right token, and nobody learns which clusters there are", async () => {
    const { instance } = await start();
    const refusals = async (cluster: string) => Promise.all([{}, bearer("another"), { authorization: "Bearer st1.nonsense" }].map(async (headers) => {
      const { status, body } = await get(instance, headers as Record<string, string>, PATH.replace("prod", cluster));
      return `${status} ${body}`;
    }));
    expect(await refusals("nowhere")).toEqual(await refusals("prod"));
    expect((await refusals("prod")).map((line) => line.slice(0, 3))).toEqual(["401", "403", "401"]);
    const [refused]: { statusCode?: number }[] = (await once(watch(instance, bearer("another")), "unexpected-response")).slice(1);
    expect(refused?.statusCode).toBe(403);
    expect((await get(instance, operator, "/c/prod/api/v1/configs")).status).toBe(200);
    expect(instance.output()).not.toContain("st1.");
  });

  test("watches end with a close frame at ages of their own, before the platform would cut them", async () => {
    const { instance } = await start({ STUNNER_TIMEOUT_SECONDS: "9" });
    const ends = await Promise.all(Array.from({ length: 30 }, async () => {
      const socket = watch(instance);
      await message(socket);
      const began = performance.now();
      const [code]: unknown[] = await once(socket, "close");
      return { code, age: (performance.now() - began) / 1000 };
    }));
    expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([1001]));
    expect(Math.min(...ends.map(({ age }) => age))).toBeGreaterThanOrEqual(2.5);
    expect(Math.max(...ends.map(({ age }) => age))).toBeLessThan(9);
    expect(new Set(ends.map(({ age }) => Math.round(age))).size).toBeGreaterThanOrEqual(3);
  });

  test("when an instance is told to stop, watches end with a close frame and it exits with 0", async () => {
    const { instance } = await start();
    const sockets = Array.from({ length: 20 }, () => watch(instance));
    await Promise.all(sockets.map(message));
    const codes = sockets.map(async (socket) => Number((await once(socket, "close"))[0]));
    const began = performance.now();
    expect(await instance.terminate()).toBe(0);
    expect(performance.now() - began).toBeLessThan(8_000);
    expect(new Set(await Promise.all(codes))).toEqual(new Set([1001]));
  });

  test("a request with a body is refused", async () => {
    const { instance } = await start();
    expect((await fetch(instance.origin + PATH, { method: "POST", body: "{" })).status).toBe(413);
    expect((await fetch(instance.origin + PATH, { method: "POST", headers: bearer() })).status).toBe(405);
    expect(instance.output()).toBe("");
  });

  test("an instance that was never asked anything stops at once", async () => {
    const { instance } = await start();
    expect(await instance.terminate()).toBe(0);
  });

  test("while the store is away, what was served is still served, and watches stay", async () => {
    const { instance, set } = await start();
    const socket = watch(instance);
    expect(await message(socket)).toBe("one");
    gate.outage = 503;
    for (let round = 0; round < 3; round += 1) expect(realmOf((await get(instance)).body)).toBe("one");
    await set("two");
    await expect.poll(() => instance.lines().some(({ severity, cluster }) => severity === "WARNING" && cluster === "prod"), { timeout: 30_000 }).toBe(true);
    expect(realmOf((await get(instance)).body)).toBe("one");
    const next = message(socket);
    gate.outage = undefined;
    expect(await next).toBe("two");
  });

  test("a cold instance without its store answers 503, and serves when it is back", async () => {
    const { instance } = await start();
    gate.outage = 503;
    expect((await get(instance)).status).toBe(503);
    gate.outage = undefined;
    await expect.poll(async () => (await get(instance)).status, { timeout: 10_000 }).toBe(200);
  });

  test("bodies of events are not unpacked before their sender is let in, and never past what an event may have", async () => {
    const { instance } = await start({}, "event");
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const post = async (path: string, body: Uint8Array<ArrayBuffer> | string, headers: Record<string, string>) => (await fetch(instance.origin + path, { method: "POST", body, headers })).status;
    const gzip = { "content-type": "application/json", "content-encoding": "gzip" };
    const path = `/v1/clusters/prod/events/${deriveToken(current, { purpose: "events", cluster: "prod" })}`;
    expect(await post("/v1/clusters/prod/events/wrong", Uint8Array.from(bomb), gzip)).toBe(403);
    expect(await post(path, Uint8Array.from(bomb), gzip)).toBe(413);
    expect(await post(path, "{", { "content-type": "application/json" })).toBe(400);
    const large = await post(path, Uint8Array.from(randomBytes(8 * 1024 * 1024)), { "content-type": "application/json" }).catch(() => "cut");
    expect([413, "cut"]).toContain(large);
  });
});
