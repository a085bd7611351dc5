import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeGcsBucket, startGcs } from "../support/gcs.ts";
import { buildBundles, type Bundles } from "./gcp/bundles.ts";
import { type Instance, startInstance } from "./gcp/function.ts";
import { type Metadata, startMetadata } from "./gcp/metadata.ts";
import { startTasks, type Tasks } from "./gcp/tasks.ts";
import type { CloudServer } from "./server.ts";

const QUEUE = "projects/p/locations/l/queues/q";
const CLUSTER = "projects/p/locations/l/clusters/c";
/** Where modules/gcp has the subscription push to: the framework looks for the topic there when no header tells it. */
const PUSHED_TO = "/projects/p/topics/stunner-audit";
const MESSAGE_PUBLISHED = { "ce-id": "1", "ce-specversion": "1.0", "ce-source": "//pubsub.googleapis.com/x", "ce-type": "google.cloud.pubsub.topic.v1.messagePublished" };
const ENTRY_WRITTEN = { ...MESSAGE_PUBLISHED, "ce-source": "//logging.googleapis.com/x", "ce-type": "google.cloud.audit.log.v1.written" };

/** A LogEntry, as a sink exports it. */
function entry(cluster = "c"): object {
  return {
    logName: "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
    protoPayload: { serviceName: "k8s.io", methodName: "io.k8s.networking.gateway.v1.gateways.update", resourceName: "gateway.networking.k8s.io/v1/namespaces/media/gateways/gw" },
    resource: { type: "k8s_cluster", labels: { project_id: "p", location: "l", cluster_name: cluster } },
  };
}

/** What a push subscription posts of it (Pub/Sub, "Receive push messages"). */
function pushed(data: object): object {
  const message = { data: Buffer.from(JSON.stringify(data)).toString("base64"), messageId: "2070443601311540", publishTime: "2026-11-21T04:12:31.2Z", attributes: {} };
  return { message, subscription: "projects/p/subscriptions/stunner-audit", deliveryAttempt: 1 };
}

/** `audit` out of the built bundle of `event`, as modules/gcp deploys it. */
describe("the audit log on Google Cloud", () => {
  let gcs: CloudServer;
  let bundles: Bundles;
  let metadata: Metadata;
  let tasks: Tasks;
  let audit: Instance;

  beforeAll(async () => {
    [gcs, bundles, metadata, tasks] = await Promise.all([startGcs(), buildBundles(), startMetadata(() => "a-token"), startTasks(QUEUE)]);
    await makeGcsBucket(gcs, "stunner");
  });
  // Each has a process, and so a store, of its own: of a pass that was asked for nobody asks again for a while.
  let count = 0;
  beforeEach(async () => {
    await audit?.kill();
    audit = await startInstance({
      source: bundles.source("event"),
      target: "audit",
      env: {
        STUNNER_STORE: `gs://stunner/run-${(count += 1)}?endpoint=${gcs.origin}`,
        STUNNER_CLUSTERS: JSON.stringify([{ name: "prod", connect: { type: "gke", server: "https://127.0.0.1:1", cluster: CLUSTER } }]),
        STUNNER_TOKEN_KEYS: Buffer.alloc(32, 7).toString("base64"),
        STUNNER_CDS_URL: "https://cds.example.com",
        STUNNER_QUEUE_URL: QUEUE,
        STUNNER_QUEUE_ENDPOINT: tasks.origin,
        // Of the tasks that are made nobody is called.
        STUNNER_RECONCILE_URL: "http://127.0.0.1:9/",
        STUNNER_QUEUE_ACCOUNT: "tasks@p.iam.gserviceaccount.com",
        STUNNER_LOG_LEVEL: "debug",
        GCE_METADATA_HOST: metadata.host,
      },
    });
  });
  afterAll(async () => {
    await audit.kill();
    await Promise.all([gcs.stop(), bundles.remove(), metadata.close(), tasks.close()]);
  });

  async function post(body: unknown, headers: Record<string, string> = {}, path = PUSHED_TO): Promise<number> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return (await fetch(audit.origin + path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: text })).status;
  }
  const told = (word: string): Readonly<Record<string, unknown>>[] => audit.lines().filter(({ message }) => message === word);

  test.each([
    ["a push subscription, which sends no CloudEvent", pushed(entry()), {}, PUSHED_TO],
    ["the same without a type", pushed(entry()), { "content-type": "text/plain" }, PUSHED_TO],
    ["Eventarc with a topic", pushed(entry()), MESSAGE_PUBLISHED, "/?__GCP_CloudEventsMode=CE_PUBSUB_BINDING"],
    ["Eventarc with audit logs", entry(), ENTRY_WRITTEN, "/"],
    ["a CloudEvent in structured mode", { specversion: "1.0", type: ENTRY_WRITTEN["ce-type"], id: "1", source: "x", data: entry() }, { "content-type": "application/cloudevents+json" }, "/"],
  ])("%s asks for a pass over the cluster of the log", async (_, body, headers, path) => {
    expect(await post(body, headers, path)).toBe(204);
    expect(told("events")).toMatchObject([{ cluster: "prod", changes: 1, relevant: 1 }]);
    expect(audit.lines().filter(({ severity }) => severity === "WARNING" || severity === "ERROR")).toEqual([]);
  });

  test("what is of no cluster in the list, or no event at all, is dropped and told of: it would come again and again", async () => {
    expect(await post(pushed(entry("another")))).toBe(204);
    expect(told("events of a cluster that is not in the list")).toHaveLength(1);
    for (const body of [pushed({ protoPayload: { methodName: 1 } }), { message: {} }, "{", "[]"]) expect(await post(body)).toBe(204);
    expect(told("an event that cannot be read, and is dropped")).toHaveLength(4);
    expect(await post("x".repeat(5 * 1024 * 1024))).toBe(413);
    expect(told("events")).toEqual([]);
  });

  test("what could not be passed on is sent again by whoever sent it", async () => {
    tasks.mood.outage = 503;
    expect(await post(pushed(entry()))).toBe(503);
    tasks.mood.outage = undefined;
    expect(await post(pushed(entry()))).toBe(204);
    expect(audit.output()).not.toContain("a-token");
  });
});
