import { afterEach, describe, expect, test } from "vitest";
import { createApiCluster } from "../../shared/apply/live/api-cluster.ts";
import type { Cluster } from "../../shared/apply/cluster.ts";
import { createKubeClient } from "../../shared/kube/https-client.ts";
import { collectionPath } from "../../shared/kube/paths.ts";
import type { DesiredObject, DesiredStatus } from "../../shared/render/result.ts";
import type { Condition } from "../../shared/resources/meta.ts";
import { KINDS, type KindInfo } from "../../shared/resources/kinds.ts";
import { answer, kubeconfigFor, startPeer, statusOf } from "./kube-peer.ts";

const GATEWAY = "gateway.networking.k8s.io/v1";
const LABELS = { "stunner.l7mp.io/owned-by": "stunner" };
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const ours = {
  manager: "stunner-serverless",
  operation: "Apply",
  fieldsV1: { "f:metadata": { "f:labels": { "f:stunner.l7mp.io/owned-by": {} } }, "f:spec": { "f:sessionAffinity": {} } },
};
const service = (version: string, sessionAffinity: string, more: object = {}) => ({
  metadata: { name: "one", namespace: "ns", uid: "u1", resourceVersion: version, labels: LABELS, managedFields: [ours], ...more },
  spec: { sessionAffinity, ports: [{ port: 1 }] },
});
const wanted = (sessionAffinity: string): DesiredObject => ({ apiVersion: "v1", kind: "Service", metadata: { name: "one", namespace: "ns", labels: LABELS }, spec: { sessionAffinity } });

const condition: Condition = { type: "Accepted", status: "True", reason: "Accepted", message: "", observedGeneration: 1 };
const gateway = (version: string, conditions: readonly object[]) => ({
  apiVersion: GATEWAY,
  kind: "Gateway",
  metadata: { name: "gw", namespace: "ns", uid: "u2", resourceVersion: version },
  spec: { gatewayClassName: "turn", listeners: [{ name: "udp", port: 1, protocol: "TURN-UDP" }] },
  status: { conditions: conditions.map((one) => ({ lastTransitionTime: "2026-01-01T00:00:00Z", ...one })) },
});
const told = (message: string): DesiredStatus => ({ apiVersion: GATEWAY, kind: "Gateway", namespace: "ns", name: "gw", status: { conditions: [{ ...condition, message }] } });

interface Stage {
  readonly cluster: Cluster;
  /** What there is, by plural; what is written leaves it as it is. */
  readonly lists: Map<string, readonly object[]>;
  /** Writes so far. */
  readonly writes: string[];
}

async function stage(): Promise<Stage> {
  const lists = new Map<string, readonly object[]>();
  const writes: string[] = [];
  let version = 100;
  const peer = await startPeer((request, response) => {
    const path = URL.parse(request.url ?? "", peer.url)?.pathname ?? "";
    const info = KINDS.find((one) => collectionPath(one, one.apiVersion) === path);
    if (request.method !== "GET") {
      writes.push(`${request.method} ${path.split("/").slice(-2).join("/")}`);
      answer(response, 200, { ...wanted("None"), metadata: { ...wanted("None").metadata, uid: "u1", resourceVersion: String(++version) } });
    } else if (info) answer(response, 200, { apiVersion: info.apiVersion, kind: `${info.kind}List`, metadata: { resourceVersion: String(++version) }, items: lists.get(info.plural) ?? [] });
    else answer(response, 404, statusOf(404, "NotFound"));
  });
  const client = createKubeClient(kubeconfigFor(peer.url));
  opened.push(peer, client);
  const served = new Map<KindInfo, string>(KINDS.map((info) => [info, info.apiVersion]));
  const options = { controllerName: "stunner.l7mp.io/x", mode: "managed", endpointDiscovery: false, endpointSlices: true } as const;
  return { cluster: createApiCluster({ ...options, client, discover: async () => served, now: Date.now }), lists, writes };
}

async function settledObject(): Promise<Stage & { pass: (object: DesiredObject) => ReturnType<Cluster["write"]> }> {
  const on = await stage();
  const pass = async (object: DesiredObject) => {
    await on.cluster.load();
    return on.cluster.write(object);
  };
  on.lists.set("services", [service("1", "None")]);
  for (let run = 0; run < 3; run++) expect(await pass(wanted("None"))).toEqual({ operation: "unchanged" });
  expect(on.writes).toEqual([]);
  return { ...on, pass };
}

async function settledStatus(): Promise<Stage & { pass: (status: DesiredStatus) => ReturnType<Cluster["writeStatus"]> }> {
  const on = await stage();
  const pass = async (status: DesiredStatus) => {
    await on.cluster.load();
    return on.cluster.writeStatus(status);
  };
  on.lists.set("gateways", [gateway("1", [condition])]);
  for (let run = 0; run < 3; run++) expect(await pass(told(""))).toEqual({ operation: "unchanged" });
  expect(on.writes).toEqual([]);
  return { ...on, pass };
}

describe("an object that was found as it is wanted", () => {
  test("is written when another hand has changed it", async () => {
    const { pass, lists, writes } = await settledObject();
    lists.set("services", [service("2", "ClientIP")]);
    expect(await pass(wanted("None"))).toMatchObject({ differences: [{ field: "spec.sessionAffinity", wanted: "None", live: "ClientIP" }] });
    expect(writes).toEqual(["PATCH services/one"]);
  });

  test("is written when another hand has changed it and the server says the same version", async () => {
    const { pass, lists, writes } = await settledObject();
    lists.set("services", [service("1", "ClientIP")]);
    await pass(wanted("None"));
    expect(writes).toEqual(["PATCH services/one"]);
  });

  test("is written when something else is wanted, and is settled for that alone", async () => {
    const { pass, writes } = await settledObject();
    await pass(wanted("ClientIP"));
    expect(writes).toEqual(["PATCH services/one"]);
    await pass(wanted("None"));
    expect(writes).toEqual(["PATCH services/one"]);
  });

  test("is signed anew when somebody has wiped out that it is ours", async () => {
    const { pass, lists, writes } = await settledObject();
    lists.set("services", [service("2", "None", { managedFields: [] })]);
    await pass(wanted("None"));
    expect(writes.length).toBeGreaterThan(0);
  });

  test("is created again when it has gone, and left alone while it goes", async () => {
    const { pass, lists, writes } = await settledObject();
    lists.set("services", [service("2", "None", { deletionTimestamp: "2026-01-01T00:00:00Z" })]);
    for (let run = 0; run < 2; run++) await expect(pass(wanted("None"))).rejects.toMatchObject({ name: "ClusterError" });
    expect(writes).toEqual([]);
    lists.set("services", []);
    expect(await pass(wanted("None"))).toEqual({ operation: "created" });
  });
});

describe("a status that was found as it is wanted", () => {
  test("is written when another hand has changed it", async () => {
    const { pass, lists, writes } = await settledStatus();
    lists.set("gateways", [gateway("2", [{ ...condition, status: "False" }])]);
    expect(await pass(told(""))).toEqual({ operation: "updated" });
    expect(writes).toEqual(["PUT gw/status"]);
  });

  test("is written when something else is to be told", async () => {
    const { pass, writes } = await settledStatus();
    expect(await pass(told("news"))).toEqual({ operation: "updated" });
    expect(writes).toEqual(["PUT gw/status"]);
  });
});
