import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { eventWebhook } from "../../infra/webhook/webhook.ts";
import { WEBHOOK_NAME } from "../../shared/events/webhook-scope.ts";
import type { RenderResult } from "../../shared/render/result.ts";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { untilSo } from "../cluster/events-support.ts";
import { gateway, listener, SMALL } from "../cluster/live-fixture.ts";
import { reference, type Manifest } from "../cluster/resource.ts";
import { CONFIG_DIR, CONFIG_FILE } from "../../shared/render/delivery/paths.ts";
import { startPod, type Pod } from "../integration/delivery/pod.ts";
import { stunnerdCommand } from "../integration/delivery/programs.ts";
import { callAws } from "../support/moto.ts";
import { CLUSTER, deploy, type Deployment } from "./aws/deployment.ts";
import { getOverTls } from "./aws/get.ts";

const GATEWAY = reference("gateway.networking.k8s.io/v1", "Gateway", "gw", "media");

describe("AWS: from a write to the pod", () => {
  let cluster: Cluster;
  let aws: Deployment;
  let pod: Pod | undefined;

  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "newest-experimental" });
    // No load balancer gives the Gateway an address here.
    aws = await deploy(cluster, { env: { STUNNER_PUBLIC_ADDR: "203.0.113.7", STUNNER_PUBLIC_PORT: "3478" } });
    await aws.consume();
    const [token = ""] = aws.access.eventTokens(CLUSTER);
    await cluster.apply(eventWebhook({ url: aws.api.origin, ca: aws.ca, cluster: CLUSTER, token, secrets: false }) as Manifest, { fieldManager: "user" });
  });
  afterEach(async () => {
    await pod?.stop();
    pod = undefined;
  });
  afterAll(async () => {
    await aws.close();
    await cluster.stop();
  });

  test("what is applied reaches CDS by webhook, queue, pass and bucket, and the pull sidecar that was rendered", async () => {
    // The API server reads configurations of webhooks with a delay: the timer makes the beginning sure, as in life.
    for (const manifest of SMALL) await cluster.apply(manifest, { fieldManager: "user" });
    await aws.lambdas.resync.invoke({ cluster: CLUSTER });
    const path = `/c/${CLUSTER}/api/v1/configs/media/gw`;
    const { metadata } = (await cluster.get(GATEWAY)) ?? { metadata: { uid: "" } };
    const token = aws.access.configToken(CLUSTER, { namespace: "media", name: "gw", uid: metadata.uid });
    const ask = (headers = {}) => getOverTls(aws.api.origin + path, aws.ca, { authorization: `Bearer ${token}`, ...headers });
    // Until then nobody knows the Gateway.
    await untilSo(async () => (await ask()).status === 200, 30_000);
    const answer = await ask();
    expect(answer.body).toContain('"10.244.0.11');
    const again = await ask({ "if-none-match": String(answer.headers["etag"]) });
    expect(again).toMatchObject({ status: 304, body: "" });

    for (const place of ["/", "/ice", `/c/${CLUSTER}`, `/c/${CLUSTER}/ice`]) {
      const given = await getOverTls(`${aws.api.origin}${place}?service=turn`, aws.ca, { "x-api-key": "Planted-api-key-for-tests" });
      expect({ place, ...given }).toMatchObject({ place, status: 200, body: expect.stringContaining("turn:203.0.113.7:3478?transport=udp") });
    }
    expect(await getOverTls(`${aws.api.origin}/c/${CLUSTER}/ice?service=turn`, aws.ca, {})).toMatchObject({ status: 401 });

    pod = startPod(await rendered(cluster), { nameServer: "127.0.0.1", stunnerd: stunnerdCommand(), health: 18_086 });
    const file = pod.path(`${CONFIG_DIR}/${CONFIG_FILE}`);
    const served = (): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
    await untilSo(async () => served().trim() === answer.body.trim(), 20_000);

    await cluster.apply(gateway("gw", { listeners: [listener("udp", 3478), listener("more", 3479)] }), { fieldManager: "user" });
    await untilSo(async () => served().includes('"media/gw/more"'), 40_000);
  });

  test("the audit log of the control plane, by a subscription of CloudWatch Logs, asks for a pass as well", async () => {
    await cluster.delete(reference("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", WEBHOOK_NAME));
    // The API server goes on telling for a moment.
    await untilSo(async () => {
      const before = aws.lambdas.event.lines().length;
      await cluster.patch(GATEWAY, { metadata: { annotations: { probe: String(before) } } });
      return aws.lambdas.event.lines().length === before;
    });
    await untilSo(async () => isQuiet(), 30_000);
    await cluster.apply(gateway("gw", { listeners: [listener("udp", 3999)] }), { fieldManager: "user" });
    const line = {
      kind: "Event", apiVersion: "audit.k8s.io/v1", level: "Metadata", stage: "ResponseComplete", verb: "update", requestURI: "/", responseStatus: { code: 200 },
      objectRef: { resource: "gateways", namespace: "media", name: "gw", apiGroup: "gateway.networking.k8s.io", apiVersion: "v1" },
    };
    const data = { messageType: "DATA_MESSAGE", owner: "1", logGroup: `/aws/eks/${CLUSTER}/cluster`, logStream: "kube-apiserver-audit-1", subscriptionFilters: [], logEvents: [{ id: "1", timestamp: 1, message: JSON.stringify(line) }] };
    await aws.lambdas.event.invoke({ awslogs: { data: gzipSync(JSON.stringify(data)).toString("base64") } });
    const { metadata } = (await cluster.get(GATEWAY)) ?? { metadata: { uid: "" } };
    const token = aws.access.configToken(CLUSTER, { namespace: "media", name: "gw", uid: metadata.uid });
    const ask = () => getOverTls(`${aws.api.origin}/c/${CLUSTER}/api/v1/configs/media/gw`, aws.ca, { authorization: `Bearer ${token}` });
    await untilSo(async () => (await ask()).body.includes('"port":3999,'), 30_000);
    expect(await ask()).toMatchObject({ status: 200, headers: { "stunner-poll-interval": "1" } });
  });

  /** No pass is asked for, now or later. */
  async function isQuiet(): Promise<boolean> {
    const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"];
    const counts = await Promise.all([aws.queues.passes, aws.queues.looks].map(async (url) => {
      const { Attributes } = await callAws<{ Attributes: Record<string, string> }>(aws.moto, "sqs", "AmazonSQS.GetQueueAttributes", { QueueUrl: url, AttributeNames: names });
      return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
    }));
    return counts.every((count) => count === 0);
  }
});

/** What was written for the Gateway's pod. */
async function rendered(cluster: Cluster): Promise<RenderResult> {
  const all = await Promise.all([["apps/v1", "Deployment"], ["v1", "ConfigMap"], ["v1", "Secret"]].map(([version = "", kind = ""]) => cluster.list(version, kind, "media")));
  return { objects: all.flat() } as unknown as RenderResult;
}
