import { afterEach, describe, expect, test } from "vitest";
import { createApiCluster } from "../../shared/apply/live/api-cluster.ts";
import type { Cluster } from "../../shared/apply/cluster.ts";
import { createKubeClient } from "../../shared/kube/https-client.ts";
import { collectionPath } from "../../shared/kube/paths.ts";
import type { Deletion, DesiredObject } from "../../shared/render/result.ts";
import { KINDS, type KindInfo } from "../../shared/resources/kinds.ts";
import { answer, kubeconfigFor, startPeer, statusOf } from "./kube-peer.ts";

const LABELS = { "stunner.l7mp.io/owned-by": "stunner" };
const wanted: DesiredObject = { apiVersion: "v1", kind: "Service", metadata: { name: "one", namespace: "ns", labels: LABELS }, spec: { sessionAffinity: "None" } };
const deletion: Deletion = { apiVersion: "v1", kind: "Service", namespace: "ns", name: "one" };
const fieldsV1 = { "f:metadata": { "f:labels": { "f:stunner.l7mp.io/owned-by": {} } }, "f:spec": { "f:sessionAffinity": {} } };
const signed = [{ manager: "stunner-serverless", operation: "Apply", fieldsV1 }];
const unsigned = [{ manager: "stunner-serverless", operation: "Update", fieldsV1 }];

/** The Service as the server has it. */
const live = (sessionAffinity: string, more: object = {}): object => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "one", namespace: "ns", uid: "u1", resourceVersion: "7", labels: LABELS, managedFields: signed, ...more },
  spec: { sessionAffinity, ports: [{ port: 1 }] },
});
const created = live("None", { managedFields: unsigned });

type Answer = readonly [status: number, body: object];
const conflict: Answer = [409, statusOf(409, "Conflict")];
const exists: Answer = [409, statusOf(409, "AlreadyExists")];
const absent: Answer = [404, statusOf(404, "NotFound")];
const forbidden: Answer = [403, statusOf(403, "Forbidden")];

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

interface Stage {
  readonly cluster: Cluster;
  /** Services that a load finds. */
  readonly services: object[];
  /** What has been asked of the one Service, after the load. */
  readonly asked: string[];
}

/** A server that answers what is asked of the one Service by method, in turn; the last answer stays. */
async function stage(answers: Readonly<Record<string, readonly Answer[]>>): Promise<Stage> {
  const left = new Map(Object.entries(answers).map(([method, all]) => [method, [...all]]));
  const services: object[] = [];
  const asked: string[] = [];
  const peer = await startPeer((request, response) => {
    const [path, method = ""] = [URL.parse(request.url ?? "", peer.url)?.pathname, request.method];
    const info = KINDS.find((one) => collectionPath(one, one.apiVersion) === path);
    if (info && method === "GET") {
      const items = info.kind === "Service" ? services : [];
      answer(response, 200, { apiVersion: info.apiVersion, kind: `${info.kind}List`, metadata: { resourceVersion: "9" }, items });
      return;
    }
    const isOurs = path?.startsWith("/api/v1/namespaces/ns/services") ?? false;
    const mine = isOurs ? (left.get(method) ?? []) : [];
    if (isOurs) asked.push(method);
    const [status, body] = (mine.length > 1 ? mine.shift() : mine[0]) ?? absent;
    answer(response, status, body);
  });
  const client = createKubeClient(kubeconfigFor(peer.url));
  opened.push(peer, client);
  const served = new Map<KindInfo, string>(KINDS.map((info) => [info, info.apiVersion]));
  const options = { controllerName: "stunner.l7mp.io/x", mode: "managed", endpointDiscovery: false, endpointSlices: true } as const;
  return { cluster: createApiCluster({ ...options, client, discover: async () => served, now: Date.now }), services, asked };
}

/** A pass over a cluster with these Services: what the write gives, and what was asked. */
async function pass(services: readonly object[], answers: Parameters<typeof stage>[0]): Promise<{ written: Promise<unknown>; asked: string[] }> {
  const on = await stage(answers);
  on.services.push(...services);
  await on.cluster.load();
  on.asked.splice(0);
  const written = on.cluster.write(wanted);
  await written.catch(() => undefined);
  return { written, asked: on.asked };
}

describe("an object that came after the pass had looked", () => {
  test.each([
    ["as it is wanted is left alone", [200, live("None")], ["POST", "GET"]],
    ["as it is wanted, by one who was stopped, is signed", [200, created], ["POST", "GET", "PATCH"]],
  ] as const)("%s", async (_, found, expected) => {
    const { written, asked } = await pass([], { POST: [exists], GET: [found], PATCH: [[200, live("None")]] });
    expect(await written).toEqual({ operation: "unchanged" });
    expect(asked).toEqual(expected);
  });

  test("otherwise than wanted is left to another pass", async () => {
    const { written, asked } = await pass([], { POST: [exists], GET: [[200, live("ClientIP")]] });
    await expect(written).rejects.toMatchObject({ name: "ClusterError", code: "Conflict", retryable: true });
    expect(asked).toEqual(["POST", "GET"]);
  });

  test("and has gone again is told as missing", async () => {
    expect(await (await pass([], { POST: [exists], GET: [absent] })).written).toEqual({ operation: "drifted" });
  });
});

describe("a creation", () => {
  test.each([
    ["somebody else writes before it is signed", [conflict, [200, live("None")]], [[200, created]], ["POST", "PATCH", "GET", "PATCH"]],
    ["it is gone before it is signed", [absent], [absent], ["POST", "PATCH"]],
    ["it changes and goes before it is signed", [conflict], [absent], ["POST", "PATCH", "GET"]],
  ] as const)("is done where %s", async (_, PATCH, GET, expected) => {
    const { written, asked } = await pass([], { POST: [[201, created]], PATCH, GET });
    expect(await written).toEqual({ operation: "created" });
    expect(asked).toEqual(expected);
  });

  test("is not done where it, or the signing, is refused", async () => {
    await expect((await pass([], { POST: [forbidden] })).written).rejects.toMatchObject({ name: "ClusterError", code: "Forbidden" });
    await expect((await pass([], { POST: [[201, created]], PATCH: [forbidden] })).written).rejects.toMatchObject({ code: "Forbidden" });
  });

  test("that is answered by no object may be done or not", async () => {
    await expect((await pass([], { POST: [[201, { kind: "Service" }]] })).written).rejects.toMatchObject({ code: "BadAnswer", retryable: true });
  });

  test("of a kind that is not known is a mistake in the caller", async () => {
    const { cluster } = await stage({});
    await expect(cluster.write({ ...wanted, kind: "Pod" })).rejects.toThrow(TypeError);
  });
});

describe("an update that is refused for its version", () => {
  test("was done where the object is as wanted: the answer had been lost", async () => {
    const { written } = await pass([live("ClientIP")], { PATCH: [conflict], GET: [[200, live("None")]] });
    expect(await written).toMatchObject({ operation: "updated", rollsPods: false });
  });

  test.each<[string, Answer]>([["is otherwise", [200, live("ClientIP")]], ["has gone", absent]])("is left to another pass where it %s", async (_, now) => {
    const { written } = await pass([live("ClientIP")], { PATCH: [conflict], GET: [now] });
    await expect(written).rejects.toMatchObject({ code: "Conflict", retryable: true });
  });

  test("is not looked into where it is refused for good", async () => {
    const { written, asked } = await pass([live("ClientIP")], { PATCH: [forbidden] });
    await expect(written).rejects.toMatchObject({ code: "Forbidden" });
    expect(asked).toEqual(["PATCH"]);
  });
});

test("what the server makes of a write is forgotten with the object", async () => {
  const on = await stage({ PATCH: [[200, live("ClientIP")]], POST: [[201, live("None")]] });
  on.services.push(live("ClientIP"));
  const write = async (): Promise<unknown> => {
    await on.cluster.load();
    on.asked.splice(0);
    return on.cluster.write(wanted);
  };
  await write();
  expect(await write()).toEqual({ operation: "unchanged" });
  on.services.splice(0);
  expect(await write()).toEqual({ operation: "created" });
  on.services.push(live("ClientIP"));
  await write();
  expect(on.asked).toEqual(["PATCH"]);
});

describe("a removal", () => {
  test.each<[string, Answer[]]>([["has gone", [absent]], ["is going", [[200, live("None", { deletionTimestamp: "2026-01-01T00:00:00Z" })]]]])(
    "is done where what it is refused for %s",
    async (_, GET) => {
      await expect((await stage({ DELETE: [conflict], GET })).cluster.remove(deletion)).resolves.toBeUndefined();
    },
  );

  test("is left to another pass where it has changed, and is not done where it is refused", async () => {
    const changed = await stage({ DELETE: [conflict], GET: [[200, live("None")]] });
    await expect(changed.cluster.remove(deletion)).rejects.toMatchObject({ code: "Conflict", retryable: true });
    await expect((await stage({ DELETE: [forbidden] })).cluster.remove(deletion)).rejects.toMatchObject({ code: "Forbidden" });
  });
});
