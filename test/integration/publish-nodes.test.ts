import { describe, expect, test } from "vitest";
import { publishNodes } from "../../shared/cds/publish.ts";
import { Contended } from "../../shared/cds/publish-errors.ts";
import { StoreUnavailable } from "../../shared/store/errors.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { failureOf, readJson, recording } from "./publish-support.ts";

describe("node addresses", () => {
  const NODES = "clusters/c/nodes.json";

  test("are written when they change and only then, in the order of their names", async () => {
    const store = recording(createMemoryStore());
    await expect(publishNodes(store, "c", new Map())).resolves.toBe(false);
    await expect(publishNodes(store, "c", new Map([["b", "192.0.2.2"], ["a", "2001:db8::1"]]))).resolves.toBe(true);
    await expect(publishNodes(store, "c", new Map([["a", "2001:db8::1"], ["b", "192.0.2.2"]]))).resolves.toBe(false);
    const json = await readJson(store, NODES);
    expect(JSON.stringify(json)).toBe('{"#fence":"0","a":"2001:db8::1","b":"192.0.2.2"}');
    await expect(publishNodes(store, "c", new Map())).resolves.toBe(true);
    await expect(readJson(store, NODES)).resolves.toEqual({ "#fence": "0" });
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
    await expect(readJson(inner, NODES)).resolves.toEqual({ "#fence": "0", a: "192.0.2.1" });
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
    await expect(readJson(store, NODES)).resolves.toEqual({ "#fence": "0", a: "192.0.2.1" });
  });
});
