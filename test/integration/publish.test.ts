import { hash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { publish } from "../../shared/cds/publish.ts";
import { createFileStore } from "../../shared/store/file.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { configOf, indexOf, publication, readJson, recording, rendered } from "./publish-support.ts";

const INDEX = "clusters/c/index.json";

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
