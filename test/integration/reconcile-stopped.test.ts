import { afterEach, describe, expect, it } from "vitest";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { createFileStore } from "../../shared/store/file.ts";
import { InProcess } from "../support/in-process.ts";
import { directoryOf } from "../support/running-serve.ts";
import { gateway, PLATFORM } from "../support/manifests.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => void (await Promise.all(cleanups.splice(0).map((one) => one()))));

const LEASE = 60_000;
/** Of a Gateway that asks for the addresses of nodes. */
const asking = (port: number): string => gateway("gw", { port }).replace("name: gw }", "name: gw, annotations: { stunner.l7mp.io/enable-relay-address-discovery: 'true' } }");
const node = (address: string): string => `apiVersion: v1\nkind: Node\nmetadata: { name: n }\nstatus: { addresses: [{ type: ExternalIP, address: ${address} }] }\n`;
const inputs = (port: number, address: string): Record<string, string> => ({ "b.yaml": asking(port), "n.yaml": node(address) });

async function start(store: ObjectStore): Promise<InProcess> {
  const one = await InProcess.start({ "a.yaml": PLATFORM, ...inputs(3478, "192.0.2.1") }, store);
  cleanups.push(one.remove);
  await one.pass();
  return one;
}

/** Its first write that fits waits for `goOn`, as that of a process which is stopped right before it. */
function stoppable(store: ObjectStore, fits: RegExp) {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  const { promise: going, resolve: goOn } = Promise.withResolvers<void>();
  const put: ObjectStore["put"] = async (key, ...rest) => {
    if (fits.test(key)) {
      stop();
      await going;
    }
    return store.put(key, ...rest);
  };
  return { store: { ...store, put }, stopped, goOn };
}

/** What is stored, but for leases and configurations that nothing names. */
async function files(store: ObjectStore): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const { key } of await store.list("clusters/test/")) {
    const found = await store.get(key);
    if (found.status === "found" && !/\/(?:lease|configs)\//.test(key)) texts[key] = Buffer.from(found.body).toString();
  }
  return texts;
}

/** Entity tags are of the content, as with S3, and of the version, as with Cloud Storage. */
const STORES = [
  ["file", async () => {
    const { path, remove } = await directoryOf({});
    cleanups.push(remove);
    return createFileStore(path);
  }],
  ["memory", async () => createMemoryStore()],
] as const;

describe.each(STORES)("a pass that is stopped at a write to a store in %s, and goes on after another one has finished", (_, open) => {
  const edits = [["changed something else", inputs(4002, "192.0.2.3")], ["found everything as it was before", inputs(3478, "192.0.2.1")]] as const;
  const points = ["lease/2", "nodes", "configs/media/gw/[0-9a-f]+", "index", "applied", "report"];

  it.each(edits.flatMap(([what, edit]) => points.map((point) => [point, what, edit] as const)))("leaves its files as they are: at %s, when that has %s", async (point, _what, edit) => {
    const one = await start(await open());
    for (const [name, text] of Object.entries(inputs(4001, "192.0.2.2"))) await one.write(name, text);
    const { store, stopped, goOn } = stoppable(one.store, new RegExp(`/${point}\\.json$`));
    const older = one.pass({}, store);
    await stopped;

    one.now += LEASE + 1;
    one.restart();
    for (const [name, text] of Object.entries(edit)) await one.write(name, text);
    expect((await one.pass()).report.outcome).toBe("done");
    const newer = await files(one.store);
    goOn();
    expect(await older).toMatchObject({ isStale: true, report: { outcome: "failed", error: { code: "lease-lost" } } });
    expect(await files(one.store)).toEqual(newer);
    one.now += LEASE;
    expect((await one.pass()).report).toMatchObject({ outcome: "done", changes: [] });
  });

  it("leaves its report, where it had nothing else to write", async () => {
    const one = await start(await open());
    const { store, stopped, goOn } = stoppable(one.store, /report/);
    const older = one.pass({}, store);
    await stopped;
    one.now += 1000;
    one.restart();
    await one.pass();
    const newer = await files(one.store);
    goOn();
    expect(await older).toMatchObject({ isStale: false, report: { outcome: "done", changes: [] } });
    expect(await files(one.store)).toEqual(newer);
  });
});

describe("the report", () => {
  it("of a pass that wrote replaces that of one that began before it and wrote nothing", async () => {
    const one = await start(createMemoryStore());
    const idle = stoppable(one.store, /report/);
    const older = one.pass({}, idle.store);
    await idle.stopped;
    await one.write("b.yaml", asking(4001));
    one.restart();
    one.now += 1000;
    const writing = stoppable(one.store, /report/);
    const newer = one.pass({}, writing.store);
    await writing.stopped;
    idle.goOn();
    await older;
    expect(await one.stored("report.json")).toMatchObject({ changes: [] });
    writing.goOn();
    const { report } = await newer;
    expect(report.changes).not.toEqual([]);
    expect(await one.stored("report.json")).toMatchObject({ startedAt: report.startedAt, changes: report.changes });
  });
});

describe("a store", () => {
  it("is written to under a lease, but for the report of a pass that has nothing else to write", async () => {
    const memory = createMemoryStore();
    const one = await start(memory);
    const puts: string[] = [];
    const store: ObjectStore = {
      ...memory,
      put(key, body, options) {
        puts.push(`${key.replace("clusters/test/", "").replace(/[0-9a-f]{64}/, "digest")}${options?.ifMatch || options?.ifNoneMatch ? "" : ", unconditionally"}`);
        return memory.put(key, body, options);
      },
    };
    await one.write("n.yaml", node("192.0.2.2"));
    await one.pass({}, store);
    expect(puts.splice(0)).toEqual(["lease/2.json", "nodes.json", "report.json", "lease/2.json"]);
    await one.write("b.yaml", asking(4001));
    await one.pass({}, store);
    expect(puts.splice(0)).toEqual(["lease/3.json", "configs/media/gw/digest.json, unconditionally", "index.json", "applied.json", "report.json", "lease/3.json"]);
    one.restart();
    await one.pass({}, store);
    expect(puts).toEqual(["report.json"]);
  });
});
