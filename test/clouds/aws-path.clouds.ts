import { existsSync, readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { eventWebhook } from "../../infra/webhook/webhook.ts";
import type { RenderResult } from "../../shared/render/result.ts";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { untilSo } from "../cluster/events-support.ts";
import { gateway, listener, SMALL } from "../cluster/live-fixture.ts";
import { reference, type Manifest } from "../cluster/resource.ts";
import { until } from "../cluster/until.ts";
import { CONFIG_DIR, CONFIG_FILE } from "../../shared/render/delivery/paths.ts";
import { startPod, type Pod } from "../integration/delivery/pod.ts";
import { stunnerdCommand } from "../integration/delivery/programs.ts";
import { CLUSTER, deploy, type Deployment } from "./aws/deployment.ts";
import { getOverTls } from "./aws/get.ts";

const GATEWAY = reference("gateway.networking.k8s.io/v1", "Gateway", "gw", "media");

describe("AWS: from a write to the pod", () => {
  let cluster: Cluster;
  let aws: Deployment;
  let pod: Pod | undefined;

  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "newest-experimental" });
    aws = await deploy(cluster);
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
    const programmed = await until(cluster, GATEWAY, (live) => JSON.stringify(live?.["status"] ?? {}).includes('"Accepted"'), 30_000);
    const uid = programmed?.metadata.uid ?? "";
    const token = aws.access.configToken(CLUSTER, { namespace: "media", name: "gw", uid });
    const path = `/c/${CLUSTER}/api/v1/configs/media/gw`;
    const answer = await getOverTls(aws.api.origin + path, aws.ca, { authorization: `Bearer ${token}` });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toContain('"10.244.0.11');
    const again = await getOverTls(aws.api.origin + path, aws.ca, { authorization: `Bearer ${token}`, "if-none-match": String(answer.headers["etag"]) });
    expect(again).toMatchObject({ status: 304, body: "" });

    pod = startPod(await rendered(cluster), { nameServer: "127.0.0.1", stunnerd: stunnerdCommand(), health: 18_086 });
    const file = pod.path(`${CONFIG_DIR}/${CONFIG_FILE}`);
    const served = (): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
    await untilSo(async () => served().trim() === answer.body.trim(), 20_000);

    await cluster.apply(gateway("gw", { listeners: [listener("udp", 3478), listener("more", 3479)] }), { fieldManager: "user" });
    await untilSo(async () => served().includes('"media/gw/more"'), 40_000);
  });
});

/** What was written for the Gateway's pod. */
async function rendered(cluster: Cluster): Promise<RenderResult> {
  const all = await Promise.all([["apps/v1", "Deployment"], ["v1", "ConfigMap"], ["v1", "Secret"]].map(([version = "", kind = ""]) => cluster.list(version, kind, "media")));
  return { objects: all.flat() } as unknown as RenderResult;
}
