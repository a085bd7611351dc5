import { hash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { publish, publishNodes } from "../../shared/cds/publish.ts";
import { Contended, CorruptIndex, OtherCluster, StaleFence } from "../../shared/cds/publish-errors.ts";
import { StoreUnavailable } from "../../shared/store/errors.ts";
import { createFileStore } from "../../shared/store/file.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { configOf, failureOf, publication, readJson, recording, rendered } from "./publish-support.ts";

const INDEX = "clusters/c/index.json";

interface IndexFile {
  generation: number;
  renderedAt: number;
  fence: number;
  clusterUid?: string;
  configs: Record<string, { digest: string; size: number; uid: string }>;
}

async function indexOf(store: ObjectStore): Promise<IndexFile> {
  return (await readJson(store, INDEX)) as IndexFile;
}

describe("what is written", () => {
  test("config objects first, the index last, by whose entries the objects are found", async () => {
    const store = recording(createMemoryStore());
    const result = await publish(store, publication({ "ns/b": "one", "ns/a": "one" }, { fence: 7, clusterUid: "uid-1" }));
    const text = JSON.stringify(configOf("ns/a", "one")).replaceAll("$", String.raw`\u0024`);
    const digest = hash("sha256", text, "hex");
    expect(store.calls.at(-1)).toBe(`put ${INDEX}`);
    expect(store.calls.filter((call) => call.startsWith("put"))).toHaveLength(3);
    const index = await indexOf(store);
    expect(Object.keys(index)).toEqual(["generation", "renderedAt", "fence", "clusterUid", "configs"]);
    expect(index).toMatchObject({ generation: 1000, renderedAt: 1000, fence: 7, clusterUid: "uid-1" });
    expect(Object.keys(index.configs)).toEqual(["ns/a", "ns/b"]);
    expect(index.configs["ns/a"]).toEqual({ digest, size: text.length, uid: "" });
    await expect(readJson(store, `clusters/c/configs/ns/a/${digest}.json`)).resolves.toEqual(configOf("ns/a", "one"));
    expect(result).toMatchObject({
      generation: 1000, moved: true, changed: ["ns/a", "ns/b"], deleted: [], refused: [], total: 2, writes: 3,
    });
    const listed = await store.list("");
    expect(result.bytes).toBe(listed.reduce((sum, { size }) => sum + size, 0));
  });

  test("an object is the config's text, then white space that no two writes share", async () => {
    const store = createMemoryStore();
    const bodies = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      await publish(store, publication({ "ns/a": "one" }));
      const [object] = await store.list("clusters/c/configs/");
      const result = await store.get(object?.key ?? "");
      const body = result.status === "found" ? Buffer.from(result.body).toString() : "";
      const { size, digest } = (await indexOf(store)).configs["ns/a"] ?? { size: 0, digest: "" };
      expect(hash("sha256", body.slice(0, size), "hex")).toBe(digest);
      expect(body.slice(size)).toMatch(/^\n[ \t]{48}$/);
      bodies.add(body);
      await publish(store, publication({}));
    }
    expect(bodies.size).toBe(3);
  });

  test("nothing at all when nothing changed, whatever fence and time say", async () => {
    const store = recording(createMemoryStore());
    await publish(store, publication({ "ns/a": "one" }));
    store.calls.length = 0;
    const result = await publish(store, publication({ "ns/a": "one" }, { fence: 9, now: 9000 }));
    expect(store.calls).toEqual([`get ${INDEX}`]);
    expect(result).toEqual({ generation: 1000, moved: false, changed: [], deleted: [], refused: [], total: 1, writes: 0, bytes: 0 });
  });

  test("the first publication writes an index even if there is nothing in it", async () => {
    const store = createMemoryStore();
    await expect(publish(store, publication({}))).resolves.toMatchObject({ moved: true, total: 0, writes: 1 });
    await expect(publish(store, publication({}))).resolves.toMatchObject({ moved: false, total: 0, writes: 0 });
  });

  test("a config that is gone leaves the index, its object stays", async () => {
    const store = createMemoryStore();
    await publish(store, publication({ "ns/a": "one", "ns/b": "one" }));
    const result = await publish(store, publication({ "ns/b": "one" }, { now: 2000 }));
    expect(result).toMatchObject({ generation: 2000, moved: true, changed: [], deleted: ["ns/a"], total: 1, writes: 1 });
    expect(Object.keys((await indexOf(store)).configs)).toEqual(["ns/b"]);
    await expect(store.list("clusters/c/configs/")).resolves.toHaveLength(2);
  });

  test("another UID with the same content moves the index and writes no object", async () => {
    const store = createMemoryStore();
    await publish(store, publication({}, { configs: rendered({ "ns/a": "one" }, "old") }));
    const result = await publish(store, publication({}, { configs: rendered({ "ns/a": "one" }, "new") }));
    expect(result).toMatchObject({ moved: true, changed: [], writes: 1 });
    expect((await indexOf(store)).configs["ns/a"]?.uid).toBe("new-ns/a");
  });

  test("clusters of one store do not touch each other", async () => {
    const store = createMemoryStore();
    await publish(store, publication({ "ns/a": "one" }));
    await publish(store, publication({ "ns/b": "one" }, { cluster: "d" }));
    expect(Object.keys((await indexOf(store)).configs)).toEqual(["ns/a"]);
    expect((await store.list("clusters/d/")).map(({ key }) => key.split("/").slice(0, 5).join("/"))).toEqual([
      "clusters/d/configs/ns/b", "clusters/d/index.json",
    ]);
  });

  test("a name that no store can hold is left out and named, the others are published", async () => {
    const store = createMemoryStore();
    const bad = ["ns/..", "a", "ns/a/b", "ns/ü", "../x", "ns/", `ns/${"x".repeat(256)}`];
    const result = await publish(store, publication(Object.fromEntries([...bad, "ns/good"].map((id) => [id, "one"]))));
    expect(result).toMatchObject({ total: 1, changed: ["ns/good"] });
    expect([...result.refused].sort()).toEqual([...bad].sort());
  });

  test("damaged objects are written again on demand, without a move of the index", async () => {
    const store = recording(createMemoryStore());
    await publish(store, publication({ "ns/a": "one", "ns/b": "one" }));
    store.calls.length = 0;
    const result = await publish(store, publication({ "ns/a": "one", "ns/b": "one" }, { repair: new Set(["ns/b", "ns/x"]) }));
    expect(result).toMatchObject({ moved: false, changed: [], writes: 1 });
    expect(store.calls[1]).toMatch(/^put clusters\/c\/configs\/ns\/b\//);
  });
});

describe("held configs", () => {
  test("keep the entry that they have, rendered or not", async () => {
    const store = createMemoryStore();
    await publish(store, publication({ "ns/a": "one", "ns/b": "one", "ns/c": "one" }));
    const before = (await indexOf(store)).configs;
    const held = new Set(["ns/a", "ns/b"]);
    const result = await publish(store, publication({ "ns/b": "two", "ns/c": "two" }, { held }));
    const after = (await indexOf(store)).configs;
    expect(result).toMatchObject({ changed: ["ns/c"], deleted: [], total: 3 });
    expect(after["ns/a"]).toEqual(before["ns/a"]);
    expect(after["ns/b"]).toEqual(before["ns/b"]);
    expect(after["ns/c"]).not.toEqual(before["ns/c"]);
  });

  test("stay absent if they are", async () => {
    const store = createMemoryStore();
    await publish(store, publication({ "ns/a": "one" }, { held: new Set(["ns/a", "ns/b"]) }));
    expect((await indexOf(store)).configs).toEqual({});
  });
});

describe("fences and races", () => {
  test("a smaller fence never overwrites, an equal or greater one does", async () => {
    const store = createMemoryStore();
    await publish(store, publication({ "ns/a": "one" }, { fence: 5 }));
    const failure = await failureOf(publish(store, publication({ "ns/a": "two" }, { fence: 4 })));
    expect(failure).toBeInstanceOf(StaleFence);
    expect(failure).toMatchObject({ name: "StaleFence", code: "stale-fence", retryable: false });
    expect((failure as Error).message).toContain(INDEX);
    await expect(store.list("clusters/c/configs/")).resolves.toHaveLength(1);
    await expect(failureOf(publish(store, publication({ "ns/a": "one" }, { fence: 4 })))).resolves.toBeInstanceOf(StaleFence);
    await publish(store, publication({ "ns/a": "two" }, { fence: 5 }));
    await publish(store, publication({ "ns/a": "three" }, { fence: 6 }));
    await expect(indexOf(store)).resolves.toMatchObject({ fence: 6, generation: 1002 });
  });

  test("a lost race is run again on what the winner wrote; held entries are the winner's", async () => {
    const inner = createMemoryStore();
    await publish(inner, publication({ "ns/a": "one", "ns/h": "one" }));
    let raced = false;
    const store = recording(inner, async (call) => {
      if (raced || call !== `put ${INDEX}`) return;
      raced = true;
      await publish(inner, publication({ "ns/a": "winner", "ns/h": "winner" }));
    });
    const result = await publish(store, publication({ "ns/a": "two" }, { held: new Set(["ns/h"]) }));
    expect(result).toMatchObject({ moved: true, changed: ["ns/a"], total: 2, writes: 3 });
    const winners = await winnerEntry("ns/h");
    expect((await indexOf(inner)).configs["ns/h"]).toEqual(winners);
  });

  test("a race lost to a later pass is not run again", async () => {
    const inner = createMemoryStore();
    const store = recording(inner, async (call) => {
      if (call === `put ${INDEX}`) await publish(inner, publication({ "ns/a": "later" }, { fence: 2 }));
    });
    await expect(failureOf(publish(store, publication({ "ns/a": "two" })))).resolves.toBeInstanceOf(StaleFence);
    await expect(indexOf(inner)).resolves.toMatchObject({ fence: 2 });
  });

  test("a race that is lost every time ends", async () => {
    const inner = createMemoryStore();
    let turn = 0;
    const store = recording(inner, async (call) => {
      turn += 1;
      if (call === `put ${INDEX}`) await publish(inner, publication({ "ns/a": `winner ${turn}` }));
    });
    const failure = await failureOf(publish(store, publication({ "ns/a": "two" })));
    expect(failure).toBeInstanceOf(Contended);
    expect(failure).toMatchObject({ code: "contended", retryable: true, cause: { code: "precondition-failed" } });
  });

  test("another cluster of the same name is refused; without a UID the known one stays", async () => {
    const store = createMemoryStore();
    await publish(store, publication({ "ns/a": "one" }, { clusterUid: "uid-1" }));
    const failure = await failureOf(publish(store, publication({}, { clusterUid: "uid-2" })));
    expect(failure).toBeInstanceOf(OtherCluster);
    expect(failure).toMatchObject({ code: "other-cluster", retryable: false });
    expect((failure as Error).message).toMatch(/uid-1.*uid-2/);
    await publish(store, publication({ "ns/a": "two" }));
    await expect(indexOf(store)).resolves.toMatchObject({ clusterUid: "uid-1" });
  });

  test("a UID that was not known is noted", async () => {
    const store = createMemoryStore();
    await publish(store, publication({ "ns/a": "one" }));
    await expect(publish(store, publication({ "ns/a": "one" }, { clusterUid: "uid" }))).resolves.toMatchObject({ moved: true, writes: 1 });
    await expect(indexOf(store)).resolves.toMatchObject({ clusterUid: "uid" });
  });

  test("a new index after a loss is newer than the lost one", async () => {
    const store = createMemoryStore();
    await publish(store, publication({ "ns/a": "one" }));
    await publish(store, publication({ "ns/a": "two" }));
    const { generation } = await indexOf(store);
    await store.delete(INDEX);
    await publish(store, publication({ "ns/a": "two" }, { now: 5000 }));
    expect((await indexOf(store)).generation).toBeGreaterThan(generation);
  });
});

describe("failures", () => {
  test("an index that cannot be understood is not overwritten; once it is deleted, everything is published anew", async () => {
    const store = createMemoryStore();
    const bad = ["", "{", "null", "[]", "{}", '{"generation":1,"renderedAt":1,"fence":"1","configs":{}}',
      '{"generation":1,"renderedAt":1,"fence":1,"configs":{"ns/..":{"digest":"0","size":1,"uid":""}}}',
      '{"generation":1,"renderedAt":1,"fence":1,"configs":{"ns/a":{"digest":"0","size":1,"uid":""}}}'];
    for (const text of bad) {
      await store.put(INDEX, Buffer.from(text));
      const failure = await failureOf(publish(store, publication({ "ns/a": "one" })));
      expect(failure).toBeInstanceOf(CorruptIndex);
      expect(failure).toMatchObject({ code: "corrupt-index", retryable: false });
      expect((failure as Error).message).toMatch(/^clusters\/c\/index\.json is not a valid index \(.+\)/);
      expect((failure as Error).message).not.toContain("\n");
    }
    await expect(store.list("clusters/c/configs/")).resolves.toEqual([]);
    await store.delete(INDEX);
    await expect(publish(store, publication({ "ns/a": "one" }))).resolves.toMatchObject({ moved: true });
  });

  test("an object that cannot be written leaves the index alone, and nothing is written after the rejection", async () => {
    const inner = createMemoryStore();
    await publish(inner, publication({ "ns/a": "one" }));
    const before = await indexOf(inner);
    let puts = 0;
    const store = recording(inner, (call) => {
      puts += call.startsWith("put") ? 1 : 0;
      if (puts === 20) throw new StoreUnavailable("disk full", { retryable: true, cause: undefined });
    });
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`ns/${index}`, "two"]));
    await expect(failureOf(publish(store, publication(many)))).resolves.toBeInstanceOf(StoreUnavailable);
    const { length } = store.calls;
    expect(length).toBeLessThan(20 + 16 + 1);
    await new Promise(setImmediate);
    expect(store.calls).toHaveLength(length);
    await expect(indexOf(inner)).resolves.toEqual(before);
    await expect(publish(inner, publication(many, { now: 2000 }))).resolves.toMatchObject({ moved: true, total: 100 });
  });

  test("an index that cannot be written is an error, not a lost race", async () => {
    const store = recording(createMemoryStore(), (call) => {
      if (call === `put ${INDEX}`) throw new StoreUnavailable("no permission", { retryable: false, cause: undefined });
    });
    await expect(failureOf(publish(store, publication({ "ns/a": "one" })))).resolves.toBeInstanceOf(StoreUnavailable);
  });
});

describe("512 Gateways in a file store", () => {
  test("one that changed costs two writes, none costs one read, both little time", async () => {
    const directory = await mkdtemp(join(tmpdir(), "publish-"));
    const store = recording(createFileStore(directory));
    const realms = Object.fromEntries(Array.from({ length: 512 }, (_, index) => [`ns/gateway-${index}`, "one"]));
    await expect(publish(store, publication(realms))).resolves.toMatchObject({ total: 512, writes: 513 });
    store.calls.length = 0;
    const changed = { ...realms, "ns/gateway-77": "two" };
    await expect(publish(store, publication(changed))).resolves.toMatchObject({ changed: ["ns/gateway-77"], writes: 2 });
    expect(store.calls.map((call) => call.split("/").slice(0, 5).join("/"))).toEqual([
      `get ${INDEX}`, "put clusters/c/configs/ns/gateway-77", `put ${INDEX}`,
    ]);
    const began = performance.now();
    for (let round = 0; round < 10; round += 1) await publish(store, publication(changed));
    expect((performance.now() - began) / 10).toBeLessThan(100);
    await rm(directory, { recursive: true });
  });
});

describe("node addresses", () => {
  const NODES = "clusters/c/nodes.json";

  test("are written when they change and only then, in the order of their names", async () => {
    const store = recording(createMemoryStore());
    await expect(publishNodes(store, "c", new Map())).resolves.toBe(false);
    await expect(publishNodes(store, "c", new Map([["b", "192.0.2.2"], ["a", "2001:db8::1"]]))).resolves.toBe(true);
    await expect(publishNodes(store, "c", new Map([["a", "2001:db8::1"], ["b", "192.0.2.2"]]))).resolves.toBe(false);
    const json = await readJson(store, NODES);
    expect(JSON.stringify(json)).toBe('{"a":"2001:db8::1","b":"192.0.2.2"}');
    await expect(publishNodes(store, "c", new Map())).resolves.toBe(true);
    await expect(readJson(store, NODES)).resolves.toEqual({});
    expect(store.calls.filter((call) => call.startsWith("put"))).toHaveLength(2);
  });

  test("a lost race is run again, but not for ever; other failures end it", async () => {
    const inner = createMemoryStore();
    let races = 3;
    const store = recording(inner, async (call) => {
      if (races === 0 || call !== `put ${NODES}`) return;
      races -= 1;
      await inner.put(NODES, Buffer.from(`{"x":"${races}"}`));
    });
    await expect(publishNodes(store, "c", new Map([["a", "192.0.2.1"]]))).resolves.toBe(true);
    await expect(readJson(inner, NODES)).resolves.toEqual({ a: "192.0.2.1" });
    races = Infinity;
    await expect(failureOf(publishNodes(store, "c", new Map()))).resolves.toBeInstanceOf(Contended);
    const broken = recording(inner, (call) => {
      if (call.startsWith("put")) throw new StoreUnavailable("x", { retryable: true, cause: undefined });
    });
    await expect(failureOf(publishNodes(broken, "c", new Map()))).resolves.toBeInstanceOf(StoreUnavailable);
  });

  test("a table that makes no sense is replaced", async () => {
    const store = createMemoryStore();
    await store.put(NODES, Buffer.from("{"));
    await expect(publishNodes(store, "c", new Map([["a", "192.0.2.1"]]))).resolves.toBe(true);
    await expect(readJson(store, NODES)).resolves.toEqual({ a: "192.0.2.1" });
  });
});

/** What "winner" looks like in an index. */
async function winnerEntry(id: string): Promise<unknown> {
  const store = createMemoryStore();
  await publish(store, publication({ [id]: "winner" }));
  return (await indexOf(store)).configs[id];
}
