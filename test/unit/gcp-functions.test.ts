import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { googleCloud } from "../../functions/gcp/cloud.ts";
import { clusterOfLog } from "../../functions/gcp/log-cluster.ts";
import { requestOf } from "../../functions/gcp/requests.ts";
import { connectionAge, requestTimeout } from "../../functions/gcp/timeout.ts";
import { InvalidClusters, parseClusters } from "../../shared/settings/clusters.ts";
import { type Peer, startPeer } from "../clouds/peer.ts";

/** As the framework hands it over. */
function request(forwarded?: string): IncomingMessage & { rawBody: Buffer } {
  const headers = { ...(forwarded === undefined ? {} : { "x-forwarded-for": forwarded }), host: "x" };
  return Object.assign(new IncomingMessage(new Socket()), { method: "POST", url: "/a?b", headers, rawBody: Buffer.from("body") });
}

function message(data: string): object {
  return { message: { data: Buffer.from(data).toString("base64") }, subscription: "s" };
}

function list(cluster: string): string {
  return JSON.stringify([{ name: "c", connect: { type: "gke", server: "https://h", cluster } }]);
}

describe("the time that the platform gives", () => {
  it.each([["3600", 3_600_000], ["10", 10_000], [undefined, 60_000], ["", 60_000], ["0", 60_000], ["-1", 60_000], ["1h", 60_000]])("%s", (seconds, milliseconds) => {
    expect(requestTimeout({ STUNNER_TIMEOUT_SECONDS: seconds })).toBe(milliseconds);
    expect(requestTimeout({ CLOUD_RUN_TIMEOUT_SECONDS: seconds })).toBe(milliseconds);
  });

  it("is the shorter one, should the platform say something else than Terraform", () => {
    expect(requestTimeout({ STUNNER_TIMEOUT_SECONDS: "3600", CLOUD_RUN_TIMEOUT_SECONDS: "300" })).toBe(300_000);
    expect(requestTimeout({ STUNNER_TIMEOUT_SECONDS: "120", CLOUD_RUN_TIMEOUT_SECONDS: "300" })).toBe(120_000);
    expect(requestTimeout({ STUNNER_TIMEOUT_SECONDS: "120", CLOUD_RUN_TIMEOUT_SECONDS: "x" })).toBe(120_000);
  });

  it("ends a watch well before", () => {
    expect(connectionAge({ STUNNER_TIMEOUT_SECONDS: "3600" })).toEqual({ least: 20 * 60_000, most: 50 * 60_000 });
  });
});

describe("a request of the functions framework", () => {
  it("has what the handlers want", () => {
    const { headers, ...rest } = requestOf(request("203.0.113.7"));
    expect(rest).toEqual({ method: "POST", url: "/a?b", body: Buffer.from("body"), address: "203.0.113.7" });
    expect(headers.host).toBe("x");
  });

  it.each([["198.51.100.1, 203.0.113.7", "203.0.113.7"], ["made up,2001:db8::1", "2001:db8::1"], [undefined, ""]])("is of who the front end saw: %s", (forwarded, address) => {
    expect(requestOf(request(forwarded)).address).toBe(address);
  });
});

describe("the cluster of a log entry", () => {
  const entry = { resource: { type: "k8s_cluster", labels: { project_id: "p", location: "l", cluster_name: "c" } } };

  it("stands in its labels, also inside of a message", () => {
    expect(clusterOfLog(entry)).toBe("projects/p/locations/l/clusters/c");
    expect(clusterOfLog(message(JSON.stringify(entry)))).toBe("projects/p/locations/l/clusters/c");
  });

  it.each([undefined, {}, { resource: { labels: { project_id: "p" } } }, message("{"), message("1")])("is unknown where there is none", (data) => {
    expect(clusterOfLog(data)).toBeUndefined();
  });

  it("is what a cluster of the list is connected to", () => {
    expect(parseClusters(list("projects/p/locations/l/clusters/c"), "X")[0]?.connect).toMatchObject({ cluster: "projects/p/locations/l/clusters/c" });
    expect(() => parseClusters(list("c"), "X")).toThrow(InvalidClusters);
  });
});

describe("tokens of the service account", () => {
  let peers: Peer[] = [];
  afterEach(async () => void (await Promise.all(peers.splice(0).map((peer) => peer.close()))));

  async function send(host: string): Promise<string | undefined> {
    const metadata = await startPeer(() => ({ status: 200, body: '{"access_token":"a-token","expires_in":3600,"token_type":"Bearer"}' }));
    const tasks = await startPeer(() => ({ status: 200, body: "{}" }));
    peers = [metadata, tasks];
    const queue = googleCloud({
      GCE_METADATA_HOST: metadata.origin.slice("http://".length),
      STUNNER_QUEUE_URL: "projects/p/locations/l/queues/q", STUNNER_RECONCILE_URL: "https://r.example.com/", STUNNER_QUEUE_ACCOUNT: "a@p",
      STUNNER_QUEUE_ENDPOINT: tasks.origin.replace("127.0.0.1", host),
    }).openQueue();
    await queue.send({ cluster: "c", start: 1 });
    return tasks.seen[0]?.headers.authorization;
  }

  it("are sent where nobody on the way can read them, and nowhere else", async () => {
    expect(await send("127.0.0.1")).toBe("Bearer a-token");
    expect(await send("localhost")).toBeUndefined();
  });
});
