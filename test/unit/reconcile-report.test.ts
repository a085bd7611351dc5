import { afterEach, describe, expect, it } from "vitest";
import { callsText, trafficText } from "../../functions/local/traffic-text.ts";
import { passText } from "../../functions/local/pass-text.ts";
import { ClusterError } from "../../shared/apply/cluster.ts";
import type { CallCount } from "../../shared/kube/accounting.ts";
import { deletionsWait } from "../../shared/reconcile/deletions-wait.ts";
import { createQueue } from "../../shared/events/queue.ts";
import { openLease } from "../../shared/store/lease.ts";
import { InProcess } from "../support/in-process.ts";
import { gateway, PLATFORM } from "../support/manifests.ts";
import { createFakeClock } from "./events/fake-clock.ts";

const started: InProcess[] = [];
afterEach(() => Promise.all(started.splice(0).map((one) => one.remove())));

async function start(files: Readonly<Record<string, string>>): Promise<InProcess> {
  const one = await InProcess.start(files);
  started.push(one);
  return one;
}

const call = (verb: string, resource: string, calls: number, bytes: number, { failures = 0, sent = 0 } = {}): CallCount => ({ verb, resource, calls, failures, bytes, sent });

describe("requests, as they are told", () => {
  it.each([
    [undefined, ""],
    [[], "0 requests, 0 B in"],
    [[call("list", "services", 1, 999)], "1 request, 999 B in"],
    [[call("list", "services", 20, 999_499), call("apply", "services", 1, 0, { sent: 3200 })], "21 requests, 999 kB in, 3 kB out"],
    [[call("list", "services", 20, 1_150_000, { failures: 2 })], "20 requests (2 failed), 1.1 MB in"],
    [[call("list", "services", 1, 999_500)], "1 request, 1.0 MB in"],
  ])("%o", (calls, text) => {
    expect(trafficText(calls)).toBe(text);
  });

  it("one by one", () => {
    expect(callsText([call("list", "services", 2, 1), call("update", "gateways/status", 1, 1, { failures: 1 })])).toBe("list services 2, update gateways/status 1 (1 failed)");
  });

  it("and of directories nothing", async () => {
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw") });
    const { report } = await one.pass();
    expect(report).not.toHaveProperty("calls");
    expect(passText({ report, unread: [], isDryRun: false })).toMatch(/ 0 problems; \d+ ms\n$/);
  });
});

const told = async (one: InProcess) => (await one.pass()).report.problems.filter(({ reason }) => reason === "DeletionsWait");

describe("deletions that wait", () => {
  const files = { "a.yaml": PLATFORM, "b.yaml": gateway("gw"), "d.yaml": gateway("other") };

  it("are told with what they wait for, until that can be read", async () => {
    const one = await start({ ...files, "broken.yaml": "{" });
    const [problem] = await told(one);
    expect(problem).toEqual({
      severity: "warning", object: "Cluster test", field: "", reason: "DeletionsWait",
      message: "nothing is deleted until it can be read: broken.yaml; so far nothing waits to be deleted",
    });
    await one.delete("d.yaml");
    for (let passes = 0; passes < 2; passes++) {
      const [{ message = "" } = {}] = await told(one);
      expect(message).toMatch(/^nothing is deleted until it can be read: broken\.yaml; waiting to be deleted: config media\/other, /);
      expect(message.split(": ").at(-1)?.split(", ").toSorted()).toEqual(["Deployment media/other", "Service media/other", "config media/other"]);
    }
    expect(await one.stored("report.json")).toMatchObject({ problems: expect.arrayContaining([expect.objectContaining({ reason: "DeletionsWait" })]) });
    await one.delete("broken.yaml");
    expect(await told(one)).toEqual([]);
    expect(await one.published()).toEqual(["media/gw"]);
  });

  it("say so where changes wait as well", async () => {
    const one = await start(files);
    await one.pass();
    one.restart();
    await one.write("b.yaml", "{");
    const [problem] = await told(one);
    expect(problem?.message).toMatch(/^nothing is deleted and no configuration or object that is there changes until it can be read: b\.yaml; waiting/);
  });

  it("name no more than can be read", () => {
    const garbage = Array.from({ length: 50 }, (_, i) => ({ apiVersion: "v1", kind: "Service", namespace: "n", name: `s${i}` }));
    const result = { deletions: [], configs: new Map(), held: { configs: new Set<string>(), objects: new Set<string>() } };
    const [problem] = deletionsWait("c", { unread: ["x"], garbage }, result, [], false);
    expect(problem?.message).toMatch(/Service n\/s19 and 30 more$/);
    expect(deletionsWait("c", { unread: [], garbage }, result, ["n/a"], false)).toEqual([]);
  });
});

describe("what was read is out of date", () => {
  it("where a write met a conflict, and not where it was refused", async () => {
    for (const [code, isStale] of [["Conflict", true], ["Invalid", false]] as const) {
      const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw") });
      one.wrap((cluster) => ({ ...cluster, write: () => Promise.reject(new ClusterError("no", { code, retryable: true })) }));
      const pass = await one.pass();
      expect([pass.report.outcome, pass.isStale]).toEqual(["incomplete", isStale]);
      expect((await one.pass()).isStale).toBe(isStale);
    }
  });

  it("where another pass was faster", async () => {
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw") });
    one.wrap((cluster) => ({
      ...cluster,
      async load(guard) {
        const loaded = await cluster.load(guard);
        const other = await openLease(one.store, { cluster: "test", holder: "other", duration: 1000, now: () => one.now });
        await other.acquire();
        await other.release();
        return loaded;
      },
    }));
    const pass = await one.pass();
    expect(pass).toMatchObject({ isStale: true, report: { outcome: "failed", error: { code: "lease-lost" } } });
  });

  it("asks for another pass at once, and later each time", async () => {
    const clock = createFakeClock();
    const starts: number[] = [];
    const queue = createQueue({
      throttle: 10, resync: 300_000, retry: 1000, clock, random: () => 0,
      async pass() {
        starts.push(clock.now());
        return { again: starts.length < 20, soon: true };
      },
    });
    queue.request();
    for (let i = 0; i < 1000; i++) await clock.pass(100);
    expect(starts.slice(0, 5)).toEqual([0, 25, 75, 175, 375]);
    expect(Math.max(...starts.slice(1, 20).map((at, i) => at - (starts[i] ?? 0)))).toBe(5000);
    expect(starts).toHaveLength(20);
    await queue.close();
  });
});

describe("the end of a dataplane", () => {
  it("ends its calls, and says whose", async () => {
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw") });
    await one.pass();
    await one.write("a.yaml", PLATFORM.replace("spec: { image", "spec: { dataplaneResource: DaemonSet, image"));
    const { report } = await one.pass();
    expect(report.changes).toContainEqual({ operation: "deleted", object: "Deployment media/gw", disrupts: ["media/gw/udp"] });
    expect(report.changes.find(({ object }) => object === "DaemonSet media/gw")).toEqual({ operation: "created", object: "DaemonSet media/gw" });
  });
});
