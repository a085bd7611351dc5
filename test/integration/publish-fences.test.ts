import { describe, expect, test } from "vitest";
import { publish } from "../../shared/cds/publish.ts";
import { Contended, CorruptIndex, OtherCluster, StaleFence } from "../../shared/cds/publish-errors.ts";
import { StoreUnavailable } from "../../shared/store/errors.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { failureOf, indexOf, publication, recording } from "./publish-support.ts";

const INDEX = "clusters/c/index.json";

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

/** What "winner" looks like in an index. */
async function winnerEntry(id: string): Promise<unknown> {
  const store = createMemoryStore();
  await publish(store, publication({ [id]: "winner" }));
  return (await indexOf(store)).configs[id];
}
