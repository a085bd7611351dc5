import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ClusterError } from "../../shared/apply/cluster.ts";
import { finalized } from "../../shared/reconcile/finalize.ts";
import { StoreUnavailable } from "../../shared/store/errors.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { InProcess } from "../support/in-process.ts";
import { gateway, PLATFORM, route } from "../support/manifests.ts";

const started: InProcess[] = [];
afterEach(() => Promise.all(started.splice(0).map((one) => one.remove())));

async function start(files: Readonly<Record<string, string>>, store?: ObjectStore): Promise<InProcess> {
  const one = await InProcess.start(files, store);
  started.push(one);
  return one;
}

const MINUTE = 60_000;
const FOREIGN_CLASS = PLATFORM.split("---")[0]?.replace("stunner.l7mp.io/gateway-operator", "example.org/other") ?? "";

function node(name: string, type: string, address: string): string {
  const addresses = `[{ type: InternalIP, address: 10.0.0.1 }, { type: ${type}, address: ${address} }]`;
  return `apiVersion: v1\nkind: Node\nmetadata: { name: ${name} }\nstatus: { addresses: ${addresses} }\n`;
}

/** Files with a Gateway each. */
function many(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`g${i}.yaml`, gateway(`g${i}`)]));
}

/** A memory store whose writes are recorded, and that fails as it is told to. */
function recordingStore() {
  const store = createMemoryStore();
  const puts: string[] = [];
  const failing = { on: undefined as RegExp | undefined };
  const recorded: ObjectStore = {
    ...store,
    put: (key, body, options) => {
      if (failing.on?.test(key)) return Promise.reject(new StoreUnavailable("the disk is full", { retryable: true, cause: undefined }));
      puts.push(key);
      return store.put(key, body, options);
    },
  };
  return { recorded, puts, failing };
}

describe("a pass", () => {
  it("loads, renders, publishes, applies and reports", async () => {
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw"), "c.yaml": route("app", "gw", "192.0.2.1") });
    const { report } = await one.pass();
    expect(report).toMatchObject({
      cluster: "test",
      outcome: "done",
      startedAt: "2026-01-01T00:00:00.000Z",
      counts: { gatewayClasses: 1, gateways: 1, routes: 1, configs: 1, held: 0, objects: 2 },
      orphans: {},
      unread: [],
    });
    expect(report.changes).toEqual([
      { operation: "created", object: "config media/gw" },
      { operation: "created", object: "Deployment media/gw" },
      { operation: "created", object: "Service media/gw" },
      { operation: "created", object: "status of GatewayClass stunner" },
      { operation: "created", object: "status of Gateway media/gw" },
      { operation: "created", object: "status of UDPRoute media/app" },
    ]);
    expect(Object.keys(report.milliseconds)).toEqual(["load", "render", "publish", "apply", "total"]);
    expect(report.operations).toContainEqual({ scope: "spec", kind: "Service", operation: "created", count: 1 });
    expect(report.operations).toContainEqual({ scope: "status", kind: "Gateway", operation: "attempt", count: 1 });
    expect(await one.stored("report.json")).toMatchObject({ outcome: "done", generation: report.generation });
    expect(await one.config("media/gw")).toMatchObject({ clusters: [{ endpoints: ["192.0.2.1"] }] });
    expect(await one.out("UDPRoute/media/app.yaml")).toMatchObject({ status: { parents: [{ parentRef: { name: "gw" } }] } });
  });

  it("writes nothing but its report when nothing changed", async () => {
    const { recorded, puts } = recordingStore();
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw") }, recorded);
    await one.pass();
    puts.length = 0;
    one.now += MINUTE;
    const { report } = await one.pass();
    expect([report.outcome, report.changes, puts]).toEqual(["done", [], ["clusters/test/report.json"]]);
    expect(report.operations).toContainEqual({ scope: "spec", kind: "Service", operation: "suppressed", count: 1 });
  });

  it("writes the config and the index under a lease, then what was applied and the report, for one change", async () => {
    const { recorded, puts } = recordingStore();
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw"), "c.yaml": gateway("other") }, recorded);
    await one.pass();
    puts.length = 0;
    await one.write("b.yaml", gateway("gw", { port: 4000 }));
    const { report } = await one.pass();
    expect(puts.map((key) => key.split("/").slice(2, 4).join("/"))).toEqual(["lease/2.json", "configs/media", "index.json", "applied.json", "report.json", "lease/2.json"]);
    expect(report.changes[0]).toEqual({ operation: "updated", object: "config media/gw", disrupts: ["media/gw/udp"] });
  });

  it("publishes before it applies", async () => {
    const { recorded, puts } = recordingStore();
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw") }, recorded);
    let published: readonly string[] = [];
    one.wrap((cluster) => ({
      ...cluster,
      write: (object) => {
        published = [...puts];
        return cluster.write(object);
      },
    }));
    await one.pass();
    expect(published.some((key) => key.endsWith("index.json"))).toBe(true);
  });

  it("marks the roll of pods with the listeners whose calls it cuts (I50)", async () => {
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw") });
    await one.pass();
    await one.write("a.yaml", PLATFORM.replace("stunnerd:1.2.1", "stunnerd:1.2.2"));
    const { report } = await one.pass();
    expect(report.changes).toEqual([{ operation: "updated", object: "Deployment media/gw", cause: "change", disrupts: ["media/gw/udp"] }]);
  });

  it("publishes the addresses of nodes where a config asks for them", async () => {
    const nodes = [node("a", "ExternalIP", "192.0.2.1"), node("b", "ExternalDNS", "b.example"), node("c", "ExternalDNS", "c.example"), node("d", "Hostname", "d")];
    const one = await start({ "a.yaml": PLATFORM, "n.yaml": nodes.join("---\n"), "b.yaml": gateway("gw") });
    one.names = { "b.example": "192.0.2.2", "c.example": "2001:db8::3" };
    await one.pass();
    expect(await one.stored("nodes.json")).toBeUndefined();
    const annotated = gateway("gw").replace("name: gw }", "name: gw, annotations: { stunner.l7mp.io/enable-relay-address-discovery: 'true' } }");
    await one.write("b.yaml", annotated);
    await one.pass();
    expect(await one.stored("nodes.json")).toEqual({ "#fence": "2", a: "192.0.2.1", b: "192.0.2.2", c: "2001:db8::3" });
    one.names = { "b.example": "192.0.2.9" };
    await one.pass();
    expect(await one.stored("nodes.json")).toEqual({ "#fence": "3", a: "192.0.2.1", b: "192.0.2.9", c: "2001:db8::3" });
    await one.store.put("clusters/test/nodes.json", Buffer.from("damaged"));
    expect((await one.pass()).report.outcome).toBe("done");
    expect(await one.stored("nodes.json")).toEqual({ "#fence": "4", a: "192.0.2.1", b: "192.0.2.9" });
  });
});

describe("a failure", () => {
  it("of the store changes nothing and is in the report", async () => {
    const { recorded, failing } = recordingStore();
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw") }, recorded);
    failing.on = /index/;
    const { report, cause } = await one.pass();
    expect(report).toMatchObject({ outcome: "failed", error: { code: "store-unavailable", message: "the disk is full" }, generation: 0 });
    expect(cause).toBeInstanceOf(StoreUnavailable);
    expect(await one.out("Service/media/gw.yaml")).toBeUndefined();
    failing.on = undefined;
    expect((await one.pass()).report.outcome).toBe("done");
  });

  it("to write the report makes the pass fail, and it is written the next time", async () => {
    const { recorded, failing } = recordingStore();
    const one = await start({ "a.yaml": PLATFORM }, recorded);
    failing.on = /report/;
    expect((await one.pass()).report).toMatchObject({ outcome: "failed", error: { code: "store-unavailable" } });
    failing.on = undefined;
    await one.pass();
    expect(await one.stored("report.json")).toMatchObject({ outcome: "done" });
  });

  it("of the loader keeps what is published and tells the time since when orphans are", async () => {
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw") });
    const first = await one.pass();
    await rename(join(one.path, "m"), join(one.path, "gone"));
    const { report } = await one.pass();
    expect(report).toMatchObject({ outcome: "failed", generation: first.report.generation, error: { code: "Unreadable" } });
    expect(report.error?.message).toContain("everything stays as it is");
    expect(await one.published()).toEqual(["media/gw"]);
    await mkdir(join(one.path, "m"));
  });

  it("that is a bug is named one, and its message is not told", async () => {
    const one = await start({ "a.yaml": PLATFORM });
    const bug = new TypeError("secret is not a function");
    one.wrap((cluster) => ({ ...cluster, load: () => Promise.reject(bug) }));
    const { report, cause } = await one.pass();
    expect(report.error).toEqual({ code: "Bug", message: expect.not.stringContaining("secret") as string });
    expect(cause).toBe(bug);
  });

  it("to write an object tells the Gateway's status, and the rest is done (I24)", async () => {
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw"), "c.yaml": gateway("other") });
    one.wrap((cluster) => ({
      ...cluster,
      write: (object) =>
        object.kind === "Deployment" && object.metadata.name === "gw"
          ? Promise.reject(new ClusterError("spec.replicas is refused", { code: "Invalid", retryable: false }))
          : cluster.write(object),
    }));
    const { report } = await one.pass();
    expect(report.outcome).toBe("incomplete");
    expect(report.changes).toContainEqual({ operation: "failed", object: "Deployment media/gw", reason: "Invalid: spec.replicas is refused" });
    const programmed = async (name: string) => {
      const { status } = (await one.out(`Gateway/media/${name}.yaml`)) as { status: { conditions: { type: string }[] } };
      return status.conditions.find(({ type }) => type === "Programmed");
    };
    expect(await programmed("gw")).toMatchObject({
      status: "False",
      reason: "Pending",
      message: expect.stringContaining("Deployment media/gw could not be written: Invalid: spec.replicas is refused"),
    });
    expect(await programmed("other")).toMatchObject({ reason: "AddressNotAssigned" });
    expect(await one.out("Service/media/gw.yaml")).toBeDefined();
  });

  it("that is a bug of the cluster's writer fails the pass", async () => {
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw") });
    one.wrap((cluster) => ({ ...cluster, write: () => Promise.reject(new TypeError("bug")) }));
    expect((await one.pass()).report).toMatchObject({ outcome: "failed", error: { code: "Bug" } });
  });

  it("to understand the last report loses nothing but its memory", async () => {
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw") });
    await one.store.put("clusters/test/report.json", Buffer.from("{"));
    expect((await one.pass()).report.outcome).toBe("done");
  });
});

describe("release (I9)", () => {
  it("waits for two passes so far apart, over a restart", async () => {
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw") });
    await one.pass();
    await one.write("b.yaml", gateway("gw", { className: "absent" }));
    const { report } = await one.pass();
    expect(report).toMatchObject({ orphans: { "media/gw": one.now }, changes: [] });
    one.now += 9 * MINUTE;
    one.restart();
    await one.pass();
    expect(await one.published()).toEqual(["media/gw"]);
    one.now += MINUTE;
    const last = await one.pass();
    expect(last.report.orphans).toEqual({});
    expect(await one.published()).toEqual([]);
    expect(await one.out("Service/media/gw.yaml")).toBeUndefined();
    expect(await one.out("Deployment/media/gw.yaml")).toBeUndefined();
  });

  it("begins anew when the class was there in between", async () => {
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw", { className: "absent" }), "c.yaml": gateway("gw2") });
    await one.write("b.yaml", gateway("gw"));
    await one.pass();
    await one.write("b.yaml", gateway("gw", { className: "absent" }));
    await one.pass();
    await one.write("b.yaml", gateway("gw"));
    await one.pass();
    one.now += 11 * MINUTE;
    await one.write("b.yaml", gateway("gw", { className: "absent" }));
    await one.pass();
    expect(await one.published()).toEqual(["media/gw", "media/gw2"]);
  });

  it("is at once where releaseAfter is 0, and where another controller took over", async () => {
    for (const [className, releaseAfter] of [["absent", 0], ["foreign", 600_000]] as const) {
      const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw"), "f.yaml": FOREIGN_CLASS.replace("name: stunner }", "name: foreign }") });
      await one.pass();
      await one.write("b.yaml", gateway("gw", { className }));
      await one.pass({ releaseAfter });
      expect(await one.published()).toEqual([]);
      expect(await one.out("Service/media/gw.yaml")).toBeUndefined();
    }
  });
});

describe("the mass-delete brake", () => {
  it.each([
    [4, 4, "stopped"],
    [4, 3, "done"],
    [20, 4, "done"],
    [20, 5, "stopped"],
  ])("with %i Services of which %i would go: %s", async (count, gone, outcome) => {
    const one = await start({ "a.yaml": PLATFORM, ...many(count) });
    await one.pass();
    for (let i = 0; i < gone; i++) await one.delete(`g${i}.yaml`);
    const { report } = await one.pass();
    expect(report.outcome).toBe(outcome);
    expect((await one.published()).length).toBe(outcome === "done" ? count - gone : count);
    expect((await one.out("Service/media/g0.yaml")) === undefined).toBe(outcome === "done");
    if (outcome === "done") return;
    expect(report.error?.message).toContain(`${gone} of ${count} Services`);
    expect((await one.pass({ allowMassDelete: true })).report.outcome).toBe("done");
  });

  it("counts what is torn down as well as what is collected", async () => {
    const one = await start({ "a.yaml": PLATFORM, ...many(5) });
    await one.pass();
    await one.write("a.yaml", PLATFORM.replace("userName: user-1,", ""));
    const render = { ...one.options.render, onInvalid: "teardown" as const };
    expect((await one.pass({ render })).report).toMatchObject({ outcome: "stopped", error: { code: "MassDelete" } });
    expect((await one.pass()).report).toMatchObject({ outcome: "done", counts: { held: 5 } });
  });
});

describe("not read is not absent", () => {
  const legacy = { render: { mode: "legacy" as const } };
  const files = { "a.yaml": PLATFORM, "b.yaml": gateway("gw"), "c.yaml": route("app", "gw", "192.0.2.1"), "d.yaml": gateway("other") };

  it("keeps everything of a file that breaks, and follows all others", async () => {
    const one = await start(files);
    await one.pass();
    await one.write("c.yaml", "{");
    await one.write("b.yaml", gateway("gw", { port: 5000 }));
    await one.delete("d.yaml");
    const { report } = await one.pass();
    expect(report).toMatchObject({ outcome: "done", unread: [] });
    expect(report.problems.map(({ severity, message }) => [severity, message.split(":")[0]])).toContainEqual(["error", "c.yaml"]);
    expect(await one.config("media/gw")).toMatchObject({ listeners: [{ port: 5000 }], clusters: [{ endpoints: ["192.0.2.1"] }] });
    expect(await one.published()).toEqual(["media/gw"]);
  });

  it("freezes what is published where a new process cannot read a file", async () => {
    const one = await start(files);
    await one.pass();
    one.restart();
    await one.write("c.yaml", "{");
    await one.delete("d.yaml");
    await one.write("e.yaml", gateway("new"));
    await one.write("b.yaml", gateway("gw", { port: 5000 }));
    for (const _ of [1, 2]) {
      const { report } = await one.pass();
      expect(report).toMatchObject({ outcome: "done", unread: [] });
      expect(await one.config("media/gw")).toMatchObject({ listeners: [{ port: 3478 }], clusters: [{ endpoints: ["192.0.2.1"] }] });
      expect(await one.published()).toEqual(["media/gw", "media/new", "media/other"]);
      expect(await one.out("Service/media/other.yaml")).toBeDefined();
      expect(await one.out("Gateway/media/other.yaml")).toBeDefined();
    }
    await one.delete("c.yaml");
    await one.pass();
    expect(await one.config("media/gw")).toEqual(expect.not.objectContaining({ clusters: expect.anything() as unknown }));
    expect(await one.published()).toEqual(["media/gw", "media/new"]);
    expect(await one.out("Gateway/media/other.yaml")).toBeUndefined();
  });

  it("freezes nothing for a file that was broken when all was published, but deletes nothing", async () => {
    const one = await start({ ...files, "broken.yaml": "{" });
    expect((await one.pass()).report.unread).toEqual(["broken.yaml"]);
    one.restart();
    await one.write("b.yaml", gateway("gw", { port: 5000 }));
    await one.delete("d.yaml");
    const { report } = await one.pass();
    expect(report.unread).toEqual(["broken.yaml"]);
    expect(await one.config("media/gw")).toMatchObject({ listeners: [{ port: 5000 }] });
    expect(await one.published()).toEqual(["media/gw", "media/other"]);
    expect(await one.out("Service/media/other.yaml")).toBeDefined();
  });

  it("freezes nothing for a file that is broken from its beginning on", async () => {
    const one = await start(files);
    await one.pass();
    await one.write("broken.yaml", "{");
    await one.write("b.yaml", gateway("gw", { port: 5000 }));
    await one.pass();
    expect(await one.config("media/gw")).toMatchObject({ listeners: [{ port: 5000 }] });
    await one.delete("broken.yaml");
    expect((await one.pass()).report.unread).toEqual([]);
  });

  it("freezes the ConfigMaps of legacy mode as well, even where the store is new", async () => {
    for (const isNew of [false, true]) {
      const one = await start(files);
      const options = { render: { ...one.options.render, ...legacy.render } };
      await one.pass(options);
      const before = await one.out("ConfigMap/stunner/stunnerd-config.yaml");
      expect(JSON.stringify(before)).toContain("192.0.2.1");
      one.restart();
      await one.write("c.yaml", "{");
      await one.write("b.yaml", gateway("gw", { port: 5000 }));
      await one.pass(options, isNew ? createMemoryStore() : one.store);
      expect(await one.out("ConfigMap/stunner/stunnerd-config.yaml")).toEqual(before);
    }
  });

  it("tears nothing down while something is unread, whatever the setting", async () => {
    const one = await start(files);
    const teardown = { render: { ...one.options.render, onInvalid: "teardown" as const }, releaseAfter: 0 };
    await one.pass(teardown);
    one.restart();
    await one.write("a.yaml", "{");
    await one.pass(teardown);
    expect(await one.published()).toEqual(["media/gw", "media/other"]);
    expect(await one.out("Deployment/media/gw.yaml")).toBeDefined();
    await rm(join(one.path, "m", "a.yaml"));
    await one.pass(teardown);
    expect(await one.published()).toEqual([]);
  });
});

describe("the finalizer", () => {
  it("invalidates the class and removes the dataplane, and says why", async () => {
    const one = await start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw"), "c.yaml": route("app", "gw", "192.0.2.1") });
    await one.pass();
    one.wrap(finalized);
    await one.pass({ render: { ...one.options.render, onInvalid: "teardown" } });
    expect(await one.published()).toEqual([]);
    expect(await one.out("Service/media/gw.yaml")).toBeUndefined();
    expect(await one.out("Deployment/media/gw.yaml")).toBeUndefined();
    const accepted = { type: "Accepted", status: "False", message: expect.stringContaining("--enable-finalizer") as string };
    expect(await one.out("GatewayClass/stunner.yaml")).toMatchObject({ status: { conditions: [{ ...accepted, reason: "InvalidParameters" }] } });
    expect(await one.out("Gateway/media/gw.yaml")).toMatchObject({ status: { conditions: [accepted, { type: "Programmed", status: "False" }] } });
    expect(await one.out("UDPRoute/media/app.yaml")).toMatchObject({ status: { parents: [{ conditions: [{ type: "Accepted", status: "True" }, {}] }] } });
  });
});
