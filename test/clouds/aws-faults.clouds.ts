import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { deriveToken } from "../../shared/access/token.ts";
import { eventPath } from "../../shared/events/event-path.ts";
import { readStart } from "../../shared/queue/start.ts";
import { readReport } from "../../shared/reconcile/report-store.ts";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { untilSo } from "../cluster/events-support.ts";
import { gateway, listener, SMALL } from "../cluster/live-fixture.ts";
import { reference } from "../cluster/resource.ts";
import { callAws } from "../support/moto.ts";
import { CLUSTER, deploy, type Deployment } from "./aws/deployment.ts";
import type { EventSource } from "./aws/event-source.ts";
import { getOverTls, type Got } from "./aws/get.ts";

const PASSES_OF_10_000_EVENTS = 5;
const GATEWAY = reference("gateway.networking.k8s.io/v1", "Gateway", "gw", "media");
const EXPIRED = '<?xml version="1.0"?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>';

/** As an audit webhook tells of writes. */
function auditEvents(count: number): string {
  const items = Array.from({ length: count }, (_, index) => ({
    kind: "Event", apiVersion: "audit.k8s.io/v1", level: "Metadata", auditID: String(index), stage: "ResponseComplete", verb: "update", requestURI: "/",
    objectRef: { resource: "gateways", namespace: "media", name: `gw-${index}`, apiGroup: "gateway.networking.k8s.io", apiVersion: "v1" }, responseStatus: { code: 200 },
  }));
  return JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", metadata: {}, items });
}

describe("AWS: what goes wrong", () => {
  let cluster: Cluster;
  let aws: Deployment;
  let source: EventSource | undefined;
  let port = 3478;

  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "newest-experimental" });
    aws = await deploy(cluster, { visibility: 3 });
    for (const manifest of SMALL) await cluster.apply(manifest, { fieldManager: "user" });
    source = await aws.consume();
    await aws.lambdas.resync.invoke({ cluster: CLUSTER });
    await untilSo(async () => (await ask()).status === 200, 30_000);
    await stop();
  });
  afterEach(async () => {
    aws.cloud.heal();
    await stop();
  });
  afterAll(async () => {
    await aws.close();
    await cluster.stop();
  });

  async function stop(): Promise<void> {
    await source?.stop();
    source = undefined;
  }

  async function ask(): Promise<Got> {
    const live = await cluster.get(GATEWAY);
    const token = aws.access.configToken(CLUSTER, { namespace: "media", name: "gw", uid: live?.metadata.uid ?? "" });
    return getOverTls(`${aws.api.origin}/c/${CLUSTER}/api/v1/configs/media/gw`, aws.ca, { authorization: `Bearer ${token}` });
  }

  const event = (body: string): Promise<Got> =>
    getOverTls(aws.api.origin + eventPath({ cluster: CLUSTER, token: deriveToken(aws.access.keys().current, { purpose: "events", cluster: CLUSTER }) }), aws.ca, { "content-type": "application/json" }, body);

  /** A write of which nobody tells. @returns whether CDS shows it */
  async function change(): Promise<() => Promise<boolean>> {
    port += 1;
    const text = `"port":${port},`;
    await cluster.apply(gateway("gw", { listeners: [listener("udp", port)] }), { fieldManager: "user" });
    return async () => (await ask()).body.includes(text);
  }

  const passes = (): number => aws.lambdas.reconcile.lines().filter(({ message }) => message === "pass").length;

  async function waiting(url: string): Promise<number> {
    const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
    const { Attributes } = await callAws<{ Attributes: Record<string, string> }>(aws.moto, "sqs", "AmazonSQS.GetQueueAttributes", { QueueUrl: url, AttributeNames: names });
    return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  }

  test("10,000 events become at most five passes, and the last one sees the last change", async () => {
    const before = passes();
    source = await aws.consume();
    const began = performance.now();
    const all = Array.from({ length: 50 }, () => 200);
    const isShown = await change();
    await Promise.all(Array.from({ length: 16 }, async () => {
      for (let size = all.pop(); size !== undefined; size = all.pop()) expect((await event(auditEvents(size))).status).toBe(202);
    }));
    const took = performance.now() - began;
    await untilSo(isShown, 30_000);
    await untilSo(async () => (await waiting(aws.queues.passes)) === 0, 30_000);
    const made = passes() - before;
    process.stdout.write(`10,000 events in ${Math.round(took)} ms: ${made} passes, ${source.received.length} messages\n`);
    expect(made).toBeLessThanOrEqual(PASSES_OF_10_000_EVENTS);
    expect(made).toBeGreaterThan(0);
  });

  test("messages that come again, twice at once and in another order change nothing but the count of passes", async () => {
    let forgotten = 0;
    source = await aws.consume({ batch: 10, disturb: (records) => [...records, ...records].reverse(), forgets: () => (forgotten += 1) <= 2 });
    const isShown = await change();
    expect((await event(auditEvents(1))).status).toBe(202);
    await untilSo(isShown, 30_000);
    await untilSo(async () => (await waiting(aws.queues.passes)) === 0, 30_000);
    expect(forgotten).toBeGreaterThan(2);
    const { received } = source;
    expect(Math.max(...received.map(({ attributes }) => Number(attributes.ApproximateReceiveCount)))).toBeGreaterThan(1);
    expect(await readReport(aws.store, CLUSTER)).toMatchObject({ outcome: "done", changes: [] });
  });

  test("what is no message of ours is put aside after three times, and the others are not kept waiting for good", async () => {
    await callAws(aws.moto, "sqs", "AmazonSQS.SendMessage", { QueueUrl: aws.queues.passes, MessageBody: '{"cluster":"prod"', MessageGroupId: CLUSTER, MessageDeduplicationId: "poison" });
    const isShown = await change();
    await event(auditEvents(1));
    source = await aws.consume();
    await untilSo(isShown, 40_000);
    await untilSo(async () => (await waiting(aws.queues.dead)) === 1, 20_000);
    expect(source.received.filter(({ body }) => body === '{"cluster":"prod"')).toHaveLength(3);
  });

  test("throttling is waited out: of SQS, of S3", async () => {
    let [refused, seen] = [0, 0];
    aws.cloud.spoil(({ target, method }) => {
      const isWrite = target === "AmazonSQS.SendMessage" || method === "PUT";
      // Every second one: each gets through in the end.
      if (!isWrite || refused >= 8 || (seen += 1) % 2 === 0) return undefined;
      refused += 1;
      return target === "" ? { status: 503, body: "<Error><Code>SlowDown</Code></Error>" } : { status: 400, body: '{"__type":"com.amazonaws.sqs#RequestThrottled"}' };
    });
    source = await aws.consume();
    const isShown = await change();
    await untilSo(async () => (await event(auditEvents(1))).status === 202);
    await untilSo(isShown, 30_000);
    expect(refused).toBeGreaterThan(0);
  });

  test("calls that are refused for expired credentials are made again with those of that moment, and nobody notices", async () => {
    const expired = new Set<string>();
    aws.cloud.spoil(({ target, path }) => {
      const call = target || (path.split("?")[0] ?? "");
      if (expired.has(call)) return undefined;
      expired.add(call);
      return target === "" ? { status: 400, body: EXPIRED } : { status: 400, body: '{"__type":"com.amazon.coral.service#ExpiredTokenException"}' };
    });
    source = await aws.consume();
    const isShown = await change();
    expect((await event(auditEvents(1))).status).toBe(202);
    await untilSo(isShown, 30_000);
    expect(expired).toContain("AmazonSQS.SendMessage");
    expect([...expired].some((call) => call.endsWith("index.json"))).toBe(true);
    expect(aws.lambdas.reconcile.lines().at(-1)).not.toMatchObject({ level: "error" });
  });

  test("while the store is gone CDS serves what it has; afterwards what was missed is seen", async () => {
    const { body } = await ask();
    source = await aws.consume();
    aws.cloud.spoil(({ target }) => (target === "" ? "cut" : undefined));
    const isShown = await change();
    // Asked to come again: the event could not be weighed.
    expect((await event(auditEvents(1))).status).toBe(503);
    await expect(aws.lambdas.resync.invoke({ cluster: CLUSTER })).rejects.toThrow(CLUSTER);
    expect(await ask()).toMatchObject({ status: 200, body });
    aws.cloud.heal();
    await aws.lambdas.resync.invoke({});
    await untilSo(isShown, 30_000);
  });

  test("a function that is killed in the middle of a pass holds nobody up for good", async () => {
    const isShown = await change();
    await event(auditEvents(1));
    const before = aws.lambdas.reconcile.instances();
    const { number } = await readStart(aws.store, CLUSTER);
    source = await aws.consume();
    await untilSo(async () => (await readStart(aws.store, CLUSTER)).number > number);
    await aws.lambdas.reconcile.kill();
    await untilSo(isShown, 80_000);
    expect(aws.lambdas.reconcile.instances()).toBeGreaterThan(before);
    expect(await readReport(aws.store, CLUSTER)).toMatchObject({ outcome: "done" });
  });

  test("functions log no secrets", () => {
    const all = JSON.stringify(Object.values(aws.lambdas).map((lambda) => lambda.lines()));
    const secrets = ["secret-of-alice", cluster.adminToken, "test-secret", aws.access.keys().current.export().toString("base64"), ...aws.access.eventTokens(CLUSTER)];
    for (const secret of secrets) expect(all).not.toContain(secret);
    expect(all).toContain('"message":"pass"');
  });
});
