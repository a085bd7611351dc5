import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ClusterError } from "../../shared/apply/cluster.ts";
import type { DesiredObject, DesiredStatus } from "../../shared/render/result.ts";
import { childOf, isObject, listOf, type Json } from "../support/json.ts";
import { kubeconfigFor, statusOf } from "../unit/kube-peer.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { startFaultProxy, type Asked, type Fault, type FaultProxy } from "./fault-proxy.ts";
import { dataplane, gateway, install, listener, SMALL } from "./live-fixture.ts";
import { startLivePass, type LivePass, type LivePassOptions } from "./live-pass.ts";
import { reference, type Manifest, type Resource } from "./resource.ts";

const SERVICE = reference("v1", "Service", "gw", "media");
const DEPLOYMENT = reference("apps/v1", "Deployment", "gw", "media");
const CHANGED = gateway("gw", { listeners: [listener("udp", 3479), listener("udp-2", 3480)] });

const failure = async (promise: Promise<unknown>): Promise<ClusterError> => {
  const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(ClusterError);
  return error as ClusterError;
};

const find = <T extends { kind: string }>(all: readonly T[], kind: string): T => {
  const found = all.find((one) => one.kind === kind);
  if (!found) throw new Error(`no ${kind} was rendered`);
  return found;
};

const isWrite = ({ method }: Asked): boolean => method !== "GET";

const timeless = (one: Resource | undefined): Json =>
  JSON.parse(
    JSON.stringify(one ?? null, (key, value: unknown) =>
      ["resourceVersion", "uid", "creationTimestamp", "time", "lastTransitionTime", "clusterIP", "clusterIPs", "nodePort", "generation"].includes(key) ? undefined : value,
    ).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "uid"),
  ) as Json;

describe("writes", () => {
  let cluster: Cluster;
  let proxy: FaultProxy;
  let live: LivePass;
  const opened: LivePass[] = [];
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("newest") });
    proxy = await startFaultProxy(cluster);
  });
  beforeEach(async () => {
    await cluster.reset();
    proxy.spoil(() => undefined);
    await install(cluster, SMALL);
    live = start({ timeout: 300 });
    return () => opened.splice(0).forEach((one) => one.close());
  });
  afterAll(async () => {
    await proxy.close();
    await cluster.stop();
  });

  function start(options: LivePassOptions = {}): LivePass {
    const one = startLivePass(kubeconfigFor(proxy.url, { token: cluster.adminToken }), options);
    opened.push(one);
    return one;
  }
  const read = (one: Manifest): Promise<Resource> => cluster.read(one);

  describe("of a paused process", () => {
    test("do not undo what another one has done since", async () => {
      await live.pass();
      const { rendered: old } = await live.pass();
      await live.cluster.load();
      await cluster.apply(CHANGED, { fieldManager: "user" });
      await cluster.apply(dataplane({ args: ["-w"] }), { fieldManager: "user" });
      const other = start();
      await other.pass();
      await other.pass();
      const before = [await read(SERVICE), await read(DEPLOYMENT), await read(CHANGED)];
      for (const object of old.objects.filter(({ kind }) => kind === "Service" || kind === "Deployment")) {
        // It wants what was there when it looked: that it differs from what is there now, it cannot know.
        expect(await live.cluster.write(object)).toEqual({ operation: "unchanged" });
      }
      const stale = old.objects.map((object): DesiredObject => ({ ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, stale: "yes" } } }));
      for (const object of stale) expect(await failure(live.cluster.write(object))).toMatchObject({ code: "Conflict", retryable: true });
      const staleStatus = { ...find(old.statuses, "Gateway"), status: { conditions: [], listeners: [] } };
      expect(await failure(live.cluster.writeStatus(staleStatus))).toMatchObject({ code: "Conflict" });
      for (const { apiVersion, kind, metadata } of [before[0] as Resource, before[1] as Resource]) {
        const deletion = { apiVersion, kind, namespace: "media", name: "gw", uid: metadata.uid, resourceVersion: "1" };
        expect(await failure(live.cluster.remove(deletion))).toMatchObject({ code: "Conflict", retryable: true });
      }
      expect([await read(SERVICE), await read(DEPLOYMENT), await read(CHANGED)]).toEqual(before);
    });

    test("do not bring back what another one has deleted", async () => {
      const { rendered: old } = await live.pass();
      await live.cluster.load();
      await cluster.delete(SERVICE);
      await cluster.delete(DEPLOYMENT);
      for (const object of old.objects) {
        const changed = { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, stale: "yes" } } };
        expect(await failure(live.cluster.write(changed))).toMatchObject({ code: "Conflict", retryable: true });
      }
      expect(await cluster.get(SERVICE)).toBeUndefined();
      expect(await cluster.get(DEPLOYMENT)).toBeUndefined();
    });

    test("do not touch what has been deleted and made anew", async () => {
      const { rendered: old } = await live.pass();
      await live.cluster.load();
      await cluster.delete(DEPLOYMENT);
      await start().pass();
      const before = await read(DEPLOYMENT);
      const changed = find(old.objects, "Deployment");
      expect(await failure(live.cluster.write({ ...changed, metadata: { ...changed.metadata, labels: { stale: "yes" } } }))).toMatchObject({ code: "Conflict" });
      expect(await read(DEPLOYMENT)).toEqual(before);
    });

    test("do not undo a creation that came first", async () => {
      const { rendered } = await start({ dryRun: true }).pass();
      await live.cluster.load();
      await cluster.apply(CHANGED, { fieldManager: "user" });
      await start().pass();
      const before = [await read(SERVICE), await read(DEPLOYMENT)];
      expect(await failure(live.cluster.write(find(rendered.objects, "Service")))).toMatchObject({ code: "Conflict", retryable: true });
      // The same Deployment serves both.
      expect(await live.cluster.write(find(rendered.objects, "Deployment"))).toEqual({ operation: "unchanged" });
      expect([await read(SERVICE), await read(DEPLOYMENT)]).toEqual(before);
    });

    test("are not begun when they are not permitted any more, at any try", async () => {
      await live.pass();
      await cluster.apply(CHANGED, { fieldManager: "user" });
      const { rendered } = await start({ dryRun: true }).pass();
      const lost = new Error("the lease is over");
      let permits = 0;
      await live.cluster.load(async () => {
        if (permits-- <= 0) throw lost;
      });
      const [object, status] = [find(rendered.objects, "Service"), find(rendered.statuses, "Gateway")];
      const { uid } = (await read(SERVICE)).metadata;
      await expect(live.cluster.write(object)).rejects.toBe(lost);
      await expect(live.cluster.write({ ...object, metadata: { ...object.metadata, name: "new" } })).rejects.toBe(lost);
      await expect(live.cluster.writeStatus(status)).rejects.toBe(lost);
      await expect(live.cluster.remove({ apiVersion: "v1", kind: "Service", namespace: "media", name: "gw", uid })).rejects.toBe(lost);
      permits = 2;
      const before = proxy.asked.length;
      proxy.spoil(({ method }) => (method === "PATCH" ? { answer: 503 } : undefined));
      await expect(live.cluster.write(object)).rejects.toBe(lost);
      expect(proxy.asked.slice(before).filter(({ method }) => method !== "GET")).toHaveLength(2);
    });
  });

  /** What one more pass makes of it: as if nothing had ever happened. */
  const shape = async (): Promise<Json> => {
    const [service, deployment, owner, route] = [await cluster.get(SERVICE), await cluster.get(DEPLOYMENT), await read(gateway()), await read(SMALL[6] as Manifest)];
    return [service, deployment, owner, route].map(timeless);
  };

  const faults: [string, Fault][] = [
    ["409", { answer: 409, body: statusOf(409, "Conflict") }],
    ["429", { answer: 429, headers: { "retry-after": "0" }, body: statusOf(429, "TooManyRequests") }],
    ["500", { answer: 500, body: statusOf(500, "InternalError") }],
    ["503", { answer: 503 }],
    ["403", { answer: 403, body: statusOf(403, "Forbidden", { message: "webhook denied: secret-of-alice" }) }],
    ["404", { answer: 404, body: statusOf(404, "NotFound") }],
    ["no JSON", { answer: 200, body: "<html>" }],
    ["a Status in place of the object", { answer: 200, body: { kind: "Status" } }],
    ["a cut", "cut"],
    ["a cut after it was carried out", "cut-after"],
    ["a cut within the answer", "cut-within"],
    ["silence", "hang"],
    ["silence within the answer", "hang-within"],
  ];
  test.each(faults)("spoilt one after the other by %s end as if nothing had happened", async (_what, fault) => {
    // What becomes of the cluster without any fault, made first, then changed.
    const steps: [string, () => Promise<unknown>][] = [
      ["make", async () => undefined],
      ["change", () => Promise.all([cluster.apply(CHANGED, { fieldManager: "user" }), cluster.apply(dataplane({ args: ["-w"] }), { fieldManager: "user" })])],
      ["exchange", () => cluster.apply(dataplane({ dataplaneResource: "DaemonSet", args: ["-w"] }), { fieldManager: "user" })],
    ];
    const expected: Json[] = [];
    for (const [, change] of steps) {
      await change();
      await live.pass();
      await live.pass();
      expected.push(await shape());
    }
    await cluster.reset();
    await install(cluster, SMALL);
    const wrong: string[] = [];
    for (const [index, [what, change]] of steps.entries()) {
      await change();
      // Each write of this step in turn, until there is one more than it has.
      for (let target = 1; target <= 12; target++) {
        let count = 0;
        proxy.spoil((asked) => (isWrite(asked) && ++count === target ? fault : undefined));
        const { applied } = await live.pass();
        for (const { operation, reason = "" } of applied.changes) {
          if (operation === "failed" && /alice|password|html/.test(reason)) wrong.push(`${what} ${target}: ${reason}`);
        }
        if (count < target) break;
      }
      proxy.spoil(() => undefined);
      await live.pass();
      await live.pass();
      if (JSON.stringify(await shape()) !== JSON.stringify(expected[index])) wrong.push(`${what}: ${JSON.stringify(await shape())} is not ${JSON.stringify(expected[index])}`);
      const last = await live.pass();
      if (last.applied.changes.length > 0) wrong.push(`${what}: ${JSON.stringify(last.applied.changes)}`);
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  test("that were carried out although the answer was lost count as done", async () => {
    let fault: Fault | undefined = "cut-after";
    proxy.spoil((asked) => {
      const one = isWrite(asked) ? fault : undefined;
      if (one) fault = undefined;
      return one;
    });
    const { applied } = await live.pass();
    expect(applied.changes.filter(({ operation }) => operation === "failed")).toEqual([]);
    await cluster.apply(CHANGED, { fieldManager: "user" });
    const dry = await start({ dryRun: true }).pass();
    await live.cluster.load();
    const spoilNext = (): void => {
      fault = "cut-after";
    };
    spoilNext();
    expect((await live.cluster.write(find(dry.rendered.objects, "Service"))).operation).toBe("updated");
    spoilNext();
    expect((await live.cluster.writeStatus(find<DesiredStatus>(dry.rendered.statuses, "Gateway"))).operation).toBe("updated");
    spoilNext();
    const { uid, resourceVersion } = (await read(SERVICE)).metadata;
    await live.cluster.remove({ apiVersion: "v1", kind: "Service", namespace: "media", name: "gw", uid, resourceVersion });
    expect(await cluster.get(SERVICE)).toBeUndefined();
  });

  test("of what is being deleted wait for its end", async () => {
    const { rendered } = await live.pass();
    await cluster.patch(SERVICE, { metadata: { finalizers: ["cloud.example/hold"] } });
    await cluster.delete(SERVICE);
    const told = expect.stringContaining("Terminating") as string;
    expect((await live.pass()).applied.changes).toContainEqual(expect.objectContaining({ operation: "failed", object: "Service media/gw", reason: told }));
    const { resourceVersion } = (await read(SERVICE)).metadata;
    expect(await failure(live.cluster.write(find(rendered.objects, "Service")))).toMatchObject({ code: "Terminating", retryable: true });
    expect((await read(SERVICE)).metadata.resourceVersion).toBe(resourceVersion);
    // A second deletion finds that it has been asked for.
    await live.cluster.remove({ apiVersion: "v1", kind: "Service", namespace: "media", name: "gw", uid: (await read(SERVICE)).metadata.uid, resourceVersion: "1" });
    await cluster.patch(SERVICE, { metadata: { finalizers: null } });
    expect((await live.pass()).applied.changes).toContainEqual(expect.objectContaining({ operation: "created", object: "Service media/gw" }));
  });

  test("of one object never stop those of others", async () => {
    await install(cluster, [gateway("other")]);
    proxy.spoil(({ method, path }) => (method === "POST" && path.includes("services") ? { answer: 403, body: statusOf(403, "Forbidden") } : undefined));
    const { applied } = await live.pass();
    expect(applied.complete).toBe(false);
    const lines = applied.changes.map(({ operation, object }) => `${operation} ${object}`);
    expect(lines).toEqual(expect.arrayContaining(["failed Service media/gw", "failed Service media/other", "created Deployment media/gw", "created Deployment media/other", "updated status of Gateway media/gw"]));
    const conditions = listOf(childOf(await read(gateway()), "status"), "conditions").filter(isObject);
    expect(conditions.find(({ type }) => type === "Programmed")).toMatchObject({ status: "False", reason: "Pending", message: expect.stringContaining("Forbidden: the API server refused with status 403") as string });
  });

  test("of what cannot be read are refused, and leave it alone", async () => {
    await live.pass();
    await cluster.apply(dataplane({ args: ["-w"] }), { fieldManager: "user" });
    const before = await read(DEPLOYMENT);
    proxy.spoil(({ method, path }) => (method === "GET" && path.startsWith("/apis/apps/v1/deployments?") ? { answer: 500 } : undefined));
    const reason = expect.stringContaining("Conflict") as string;
    expect((await live.pass()).applied.changes).toContainEqual({ operation: "failed", object: "Deployment media/gw", reason });
    expect(await read(DEPLOYMENT)).toEqual(before);
    // What is as it is wanted is no conflict.
    await cluster.apply(dataplane(), { fieldManager: "user" });
    expect((await live.pass()).applied.changes.filter(({ object }) => object.startsWith("Deployment"))).toEqual([]);
  });
});
