import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { formatKeyRing } from "../../shared/access/key-ring.ts";
import { deriveToken } from "../../shared/access/token.ts";
import { createRefsStore } from "../../shared/events/refs-store.ts";
import { decodeAudit } from "../../shared/events/decode-audit.ts";
import { decodeCloudWatchLogs, eksClusterOf } from "../../shared/events/decode-cloudwatch-logs.ts";
import { eventPath } from "../../shared/events/event-path.ts";
import { isRefusal } from "../../shared/events/decoded.ts";
import { MAX_EVENT_BYTES } from "../../shared/events/decode.ts";
import { noteStart } from "../../shared/queue/start.ts";
import { createEventHandler } from "../../shared/serverless/handle-event.ts";
import { StoreError } from "../../shared/store/errors.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { recording } from "../integration/publish-support.ts";
import { CLUSTERS, get, KEYS, post, ROTATED, testCloud } from "./serverless-support.ts";

const recorded = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, "events/recorded", name), "utf8"));
const REVIEWS = recorded("reviews.json") as Record<string, { request: { uid: string; object: unknown } }>;
const AUDIT = recorded("audit.json") as { items: object[] };
const REVIEW = REVIEWS["gateway-create"];
const token = (cluster: string): string => deriveToken(KEYS.current, { purpose: "events", cluster });
const PATH = eventPath({ cluster: "c", token: token("c") });

const NO_REFS = {
  references: { secrets: new Set<string>(), namespaces: new Set<string>(), services: new Set<string>(), backends: new Set<string>(), staticServices: new Set<string>(), configMaps: new Set<string>() },
  foreignClasses: new Set<string>(), foreignGateways: new Set<string>(), gateways: new Set<string>(), owned: new Set<string>(), slices: new Set<string>(),
};

describe("events to a function", () => {
  test("a review is answered, and a pass is asked for with a second look", async () => {
    const store = createMemoryStore();
    const cloud = testCloud({}, store);
    const { number } = await noteStart(store, "c", 5);
    const answer = await createEventHandler(cloud.context).answer(post(PATH, REVIEW));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ response: { uid: REVIEW?.request.uid, allowed: true } });
    expect(cloud.sent).toEqual([{ cluster: "c", start: number }, { cluster: "c", start: number, look: 0 }]);
  });

  test("audit events, plain and in gzip, are accepted without a word", async () => {
    const cloud = testCloud();
    const { answer } = createEventHandler(cloud.context);
    expect(await answer(post(PATH, AUDIT))).toMatchObject({ status: 202, body: "" });
    expect(await answer(post(PATH, gzipSync(JSON.stringify(AUDIT)), { "content-encoding": "gzip" }))).toMatchObject({ status: 202 });
    expect(cloud.sent.every(({ cluster, look }) => cluster === "c" && look === undefined)).toBe(true);
    expect(cloud.sent.length).toBeGreaterThan(0);
  });

  test("what concerns nothing that is referred to asks for nothing", async () => {
    const store = createMemoryStore();
    await createRefsStore(store, "c").write({ refs: NO_REFS, kinds: [] });
    const cloud = testCloud({}, store);
    const { answer } = createEventHandler(cloud.context);
    expect(await answer(post(PATH, REVIEWS["slice-create"]))).toMatchObject({ status: 200 });
    expect(cloud.sent).toEqual([]);
    expect(await answer(post(PATH, REVIEW))).toMatchObject({ status: 200 });
    expect(cloud.sent).toHaveLength(2);
  });

  test("without a store every event matters, and is passed on as soon as it can be", async () => {
    const memory = createMemoryStore();
    let isBroken = true;
    const cloud = testCloud({ STUNNER_ADMISSION: "off" }, recording(memory, () => {
      if (isBroken) throw new StoreError("gone", { code: "unreachable", retryable: true });
    }));
    const { answer } = createEventHandler(cloud.context);
    // Who waits in the middle of a write is not kept from it; who can send again is asked to.
    expect(await answer(post(PATH, REVIEW))).toMatchObject({ status: 200 });
    expect(await answer(post(PATH, AUDIT))).toMatchObject({ status: 503, headers: { "Retry-After": "1" } });
    expect(cloud.sent).toEqual([]);
    isBroken = false;
    expect(await answer(post(PATH, AUDIT))).toMatchObject({ status: 202 });
    expect(cloud.sent.length).toBeGreaterThan(0);
  });

  test("a queue that fails keeps no write waiting, and audit events are sent again", async () => {
    const cloud = testCloud();
    cloud.queueFails = new Error("throttled");
    const { answer } = createEventHandler(cloud.context);
    expect(await answer(post(PATH, REVIEW))).toMatchObject({ status: 200 });
    expect(await answer(post(PATH, AUDIT))).toMatchObject({ status: 503 });
    cloud.queueFails = undefined;
    expect(await answer(post(PATH, AUDIT))).toMatchObject({ status: 202 });
    expect(cloud.sent.length).toBeGreaterThan(0);
  });

  test.each([
    ["an unknown cluster", post(eventPath({ cluster: "x", token: token("x") }), AUDIT), 403],
    ["the token of another cluster", post(eventPath({ cluster: "d", token: token("c") }), AUDIT), 403],
    ["GET", get(PATH), 405],
    ["another path", post("/v1/clusters/c", AUDIT), 404],
    ["no JSON", post(PATH, AUDIT, { "content-type": "text/plain" }), 415],
    ["no gzip", post(PATH, Buffer.from("x"), { "content-encoding": "gzip" }), 400],
    ["too much", post(PATH, Buffer.alloc(MAX_EVENT_BYTES + 1, " ")), 413],
    ["too much in gzip", post(PATH, gzipSync(Buffer.alloc(MAX_EVENT_BYTES + 1, " ")), { "content-encoding": "gzip" }), 413],
    ["something else", post(PATH, { kind: "Pod" }), 422],
  ])("%s is refused", async (_name, request, status) => {
    const cloud = testCloud();
    expect(await createEventHandler(cloud.context).answer(request)).toMatchObject({ status, headers: { "Cache-Control": "no-store" } });
    expect(cloud.sent).toEqual([]);
  });

  test("the token of the list opens its cluster, and so does the key after a rotation", async () => {
    const cloud = testCloud();
    const { answer } = createEventHandler(cloud.context);
    expect(await answer(post(eventPath({ cluster: "d", token: "own-event-token" }), AUDIT))).toMatchObject({ status: 202 });
    cloud.secrets.set("keys", formatKeyRing(ROTATED));
    cloud.time += 11_000;
    const fresh = eventPath({ cluster: "c", token: deriveToken(ROTATED.current, { purpose: "events", cluster: "c" }) });
    expect(await answer(post(fresh, AUDIT))).toMatchObject({ status: 403 });
    expect(await answer(post(fresh, AUDIT))).toMatchObject({ status: 202 });
    expect(await answer(post(PATH, AUDIT))).toMatchObject({ status: 202 });
  });

  test("a mistake is refused where that is asked for, and asks for no pass; else it is told", async () => {
    const resource = { group: "stunner.l7mp.io", version: "v1", resource: "staticservices" };
    const object = { apiVersion: "stunner.l7mp.io/v1", kind: "StaticService", metadata: { name: "s", namespace: "media" }, spec: { prefixes: ["x"] } };
    const review = { ...REVIEW, request: { ...REVIEW?.request, resource, name: "s", object } };
    const judged = async (admission: string) => {
      const cloud = testCloud({ STUNNER_ADMISSION: admission });
      const answer = await createEventHandler(cloud.context).answer(post(PATH, review));
      return { ...(JSON.parse(answer.body) as { response: object }).response, messages: cloud.sent.length };
    };
    expect(await judged("deny")).toMatchObject({ allowed: false, status: { code: 422, message: expect.stringContaining("spec.prefixes") }, messages: 0 });
    expect(await judged("warn")).toMatchObject({ allowed: true, warnings: [expect.stringContaining("spec.prefixes")], messages: 2 });
    const silent = await judged("off");
    expect(silent).toMatchObject({ allowed: true, messages: 2 });
    expect(silent).not.toHaveProperty("warnings");
  });

  test("what came by the log of EKS is of the cluster that EKS names so", async () => {
    const cloud = testCloud();
    const { take } = createEventHandler(cloud.context);
    const decoded = decodeAudit(AUDIT);
    const changes = isRefusal(decoded) ? [] : decoded.changes;
    const taken = await take(changes, ({ connect }) => connect.type === "eks" && connect.cluster === "prod");
    // Statuses of workloads never matter.
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThanOrEqual(changes.length);
    expect(cloud.sent[0]).toMatchObject({ cluster: "d" });
    expect(await take(changes, () => false)).toBe(0);
    cloud.queueFails = new Error("throttled");
    cloud.time += 60_000;
    await expect(take(changes, () => true)).rejects.toThrow("throttled");
  });

  test("the list of clusters is followed in the store", async () => {
    const store = createMemoryStore();
    const write = (list: unknown) => store.put("settings/clusters.json", Buffer.from(JSON.stringify(list)));
    await write([CLUSTERS[0]]);
    const cloud = testCloud({ STUNNER_CLUSTERS: "settings/clusters.json" }, store);
    const { answer } = createEventHandler(cloud.context);
    const path = eventPath({ cluster: "d", token: token("d") });
    expect(await answer(post(path, AUDIT))).toMatchObject({ status: 403 });
    await write(CLUSTERS);
    cloud.time += 15_000;
    expect(await answer(post(path, AUDIT))).toMatchObject({ status: 202 });
    // A list that cannot be used leaves the one before.
    await write([{ name: "d" }]);
    cloud.time += 15_000;
    expect(await answer(post(path, AUDIT))).toMatchObject({ status: 202 });
  });
});

const batch = (more: object): string =>
  gzipSync(JSON.stringify({ messageType: "DATA_MESSAGE", owner: "1", logGroup: "/aws/eks/prod/cluster", logStream: "kube-apiserver-audit-1", subscriptionFilters: ["f"], logEvents: [], ...more })).toString("base64");

describe("a subscription of CloudWatch Logs", () => {
  const events = AUDIT.items.map((item, index) => ({ id: String(index), timestamp: index, message: JSON.stringify(item) }));

  test("brings the same changes as the audit webhook", async () => {
    const decoded = decodeAudit(AUDIT);
    expect(await decodeCloudWatchLogs(batch({ logEvents: events }))).toEqual({ logGroup: "/aws/eks/prod/cluster", changes: isRefusal(decoded) ? [] : decoded.changes });
  });

  test("lines of other logs are passed over", async () => {
    const others = ["I1121 04:12:30 node.go:1] hello", '{"level":"info"}', "{broken", '{"kind":"Event","apiVersion":"audit.k8s.io/v1"}'];
    const logEvents = [...others.map((message) => ({ id: "x", timestamp: 0, message })), ...events.slice(0, 1)];
    expect((await decodeCloudWatchLogs(batch({ logEvents })))?.changes).toHaveLength(1);
    expect((await decodeCloudWatchLogs(batch({ messageType: "CONTROL_MESSAGE", logEvents: events })))?.changes).toEqual([]);
  });

  test.each(["", "not base64 of gzip", Buffer.from("{}").toString("base64"), gzipSync("{}").toString("base64"), gzipSync("no JSON").toString("base64")])("%j is none", async (data) => {
    expect(await decodeCloudWatchLogs(data)).toBeUndefined();
  });

  test("the log group of a control plane names its cluster", () => {
    expect(["/aws/eks/prod/cluster", "/aws/lambda/prod", "/aws/eks/prod/cluster/x"].map(eksClusterOf)).toEqual(["prod", undefined, undefined]);
  });
});
