import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadPublished } from "../../shared/cds/publish.ts";
import { encodeMessage } from "../../shared/queue/message.ts";
import { readStart } from "../../shared/queue/start.ts";
import { readReport } from "../../shared/reconcile/report-store.ts";
import { deadlineBefore, type Hurried, hurry } from "../../shared/serverless/deadline.ts";
import { createBatchHandler } from "../../shared/serverless/handle-batch.ts";
import { createReconcileHandler } from "../../shared/serverless/handle-reconcile.ts";
import { createResyncHandler } from "../../shared/serverless/handle-resync.ts";
import { StoreError } from "../../shared/store/errors.ts";
import { openLease } from "../../shared/store/lease.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { recording } from "../integration/publish-support.ts";
import { InProcess } from "../support/in-process.ts";
import { gateway, PLATFORM, route } from "../support/manifests.ts";
import { answer, kubeconfigFor, startPeer, statusOf } from "./kube-peer.ts";
import { testCloud } from "./serverless-support.ts";

const directory = mkdtempSync(join(tmpdir(), "serverless-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** A list with the cluster at a server that speaks plain HTTP. */
function listOf(server: string): { STUNNER_CLUSTERS: string } {
  const path = join(directory, "kubeconfig");
  writeFileSync(path, kubeconfigFor(server).exportConfig());
  return { STUNNER_CLUSTERS: JSON.stringify([{ name: "c", connect: { type: "kubeconfig", path } }]) };
}
/** Nobody listens there. */
const NOWHERE = { STUNNER_CLUSTERS: JSON.stringify([{ name: "c", connect: { type: "token", server: "https://127.0.0.1:9", token: "t" } }]) };

describe("messages to the function that passes", () => {
  test("a pass that fails is tried later, and keeps no other message waiting", async () => {
    const peer = await startPeer((_request, response) => answer(response, 403, statusOf(403, "Forbidden")));
    const store = createMemoryStore();
    const cloud = testCloud(listOf(peer.url), store);
    const handle = createReconcileHandler(cloud.context);
    expect(await handle({ cluster: "c", start: 0 }, { sentAt: 0, end: cloud.time + 60_000 })).toBe("again");
    expect((await readStart(store, "c")).number).toBe(cloud.time);
    expect(peer.heard.length).toBeGreaterThan(0);
    expect(cloud.sent).toEqual([{ cluster: "c", start: cloud.time, look: 0 }]);
    expect(await readReport(store, "c")).toMatchObject({ outcome: "failed" });
    await peer.close();
  });

  test("two messages at once get one pass after the other", async () => {
    let [running, most] = [0, 0];
    const peer = await startPeer((_request, response) => {
      running += 1;
      most = Math.max(most, running);
      setTimeout(() => {
        running -= 1;
        answer(response, 403, statusOf(403, "Forbidden"));
      }, 100);
    });
    const cloud = testCloud(listOf(peer.url));
    const handle = createReconcileHandler(cloud.context);
    await Promise.all([1, 2, 3].map((start) => handle({ cluster: "c", start }, { sentAt: 0, end: cloud.time + 60_000 })));
    expect(peer.heard.filter((one) => one === "GET /apis")).toHaveLength(3);
    expect(most).toBe(1);
    // Each has a number of its own.
    expect(new Set(cloud.sent.map(({ start }) => start)).size).toBe(3);
    await peer.close();
  });

  test("an API server that does not answer is given up in time to report", async () => {
    const peer = await startPeer(() => undefined);
    const store = createMemoryStore();
    const cloud = testCloud(listOf(peer.url), store);
    const began = performance.now();
    expect(await createReconcileHandler(cloud.context)({ cluster: "c", start: 0 }, { sentAt: 0, end: cloud.time + 3_000 })).toBe("again");
    expect(performance.now() - began).toBeLessThan(2_900);
    expect(await readReport(store, "c")).toMatchObject({ outcome: "failed" });
    expect(cloud.sent).toEqual([{ cluster: "c", start: cloud.time, look: 0 }]);
    await peer.close();
  });

  test("while another one passes it waits no longer than it has, and is tried later", async () => {
    const store = createMemoryStore();
    const cloud = testCloud(NOWHERE, store);
    const lease = await openLease(store, { cluster: "c", holder: "other", duration: 60_000, now: () => cloud.time });
    await lease.acquire();
    expect(await createReconcileHandler(cloud.context)({ cluster: "c", start: 0 }, { sentAt: 0, end: cloud.time + 9_000 })).toBe("again");
    expect(cloud.sent).toEqual([{ cluster: "c", start: cloud.time, look: 0 }]);
    await lease.release();
  });

  test("without a store it is tried later, and without a queue too it is handed out again", async () => {
    const cloud = testCloud(NOWHERE, recording(createMemoryStore(), () => {
      throw new StoreError("gone", { code: "unreachable", retryable: true });
    }));
    const handle = createReconcileHandler(cloud.context);
    expect(await handle({ cluster: "c", start: 0 }, { sentAt: 0, end: cloud.time + 60_000 })).toBe("again");
    expect(cloud.sent).toEqual([{ cluster: "c", start: cloud.time, look: 0 }]);
    cloud.queueFails = new Error("throttled");
    expect(await handle({ cluster: "c", start: 0 }, { sentAt: 0, end: cloud.time + 60_000 })).toBe("failed");
  });

  test("a message for a cluster that is gone from the list is done with", async () => {
    const cloud = testCloud(NOWHERE);
    expect(await createReconcileHandler(cloud.context)({ cluster: "gone", start: 0 }, { sentAt: 0, end: cloud.time + 60_000 })).toBe("done");
  });

  test("a second look asks, and passes over nothing itself", async () => {
    const cloud = testCloud(NOWHERE);
    expect(await createReconcileHandler(cloud.context)({ cluster: "c", start: 0, look: 0 }, { sentAt: 0, end: cloud.time + 60_000 })).toBe("done");
    expect(cloud.sent).toEqual([{ cluster: "c", start: 0, look: 1 }]);
  });

  test("of a batch each cluster gets one pass, and what is no message of ours fails alone", async () => {
    const peer = await startPeer((_request, response) => answer(response, 403, statusOf(403, "Forbidden")));
    const cloud = testCloud(listOf(peer.url));
    const bodies = [encodeMessage({ cluster: "c", start: 1 }), "poison", encodeMessage({ cluster: "c", start: 2 }), encodeMessage({ cluster: "gone", start: 0 })];
    const records = bodies.map((body, index) => ({ id: `m${index}`, body, sentAt: 0 }));
    expect([...(await createBatchHandler(cloud.context)(records, cloud.time + 60_000))].sort()).toEqual(["m1"]);
    expect(cloud.sent).toHaveLength(1);
    expect(peer.heard.filter((one) => one === "GET /apis")).toHaveLength(1);
    await peer.close();
  });

  test("the timer asks for each cluster, or for one, under new numbers", async () => {
    const store = createMemoryStore();
    const cloud = testCloud({}, store);
    const resync = createResyncHandler(cloud.context);
    await resync();
    expect(cloud.sent.map(({ cluster }) => cluster).sort()).toEqual(["c", "d"]);
    await resync("d");
    expect(cloud.sent[2]).toEqual({ cluster: "d", start: (cloud.sent.find(({ cluster }) => cluster === "d")?.start ?? 0) + 1 });
    await resync("gone");
    expect(cloud.sent).toHaveLength(3);
    cloud.queueFails = new Error("throttled");
    await expect(resync()).rejects.toThrow("c, d");
  });
});

describe("a pass that runs out of time", () => {
  test("stops between objects wherever that is, reports, and the next one goes on to the same end", async () => {
    const files = { "a.yaml": PLATFORM, "b.yaml": gateway("one"), "c.yaml": gateway("two", { port: 3479 }), "d.yaml": route("r", "one", "10.0.0.1") };
    const whole = await InProcess.start(files);
    const full = await whole.pass();
    expect(full.report.outcome).toBe("done");
    const total = full.report.changes.filter(({ object }) => !object.startsWith("config ")).length;
    expect(total).toBeGreaterThan(3);
    for (let writes = 0; writes < total; writes += 1) {
      const cut = await InProcess.start(files);
      let left = writes;
      const hurried: Hurried[] = [];
      cut.wrap((cluster) => {
        const one = hurry(cluster, undefined, deadlineBefore(5_000), () => (left-- > 0 ? -1 : 0));
        hurried.push(one);
        return one.cluster;
      });
      const first = await cut.pass();
      expect({ writes, cut: hurried[0]?.isCut(), outcome: first.report.outcome }).toEqual({ writes, cut: true, outcome: "incomplete" });
      expect(first.report.changes.filter(({ reason }) => reason?.startsWith("OutOfTime"))).not.toEqual([]);
      cut.restart();
      expect((await cut.pass()).report.outcome).toBe("done");
      cut.restart();
      expect((await cut.pass()).report).toMatchObject({ outcome: "done", changes: [] });
      expect(await loadPublished(cut.store, "test")).toEqual(await loadPublished(whole.store, "test"));
      await cut.remove();
    }
    await whole.remove();
  });
});
