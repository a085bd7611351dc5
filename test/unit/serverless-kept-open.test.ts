import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { createReconcileHandler } from "../../shared/serverless/handle-reconcile.ts";
import { createTurns } from "../../shared/serverless/in-turn.ts";
import { createKeptOpen, type KeptOpen } from "../../shared/serverless/kept-open.ts";
import { keptBytes, roomOf } from "../../shared/serverless/room.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { readReport } from "../../shared/reconcile/report-store.ts";
import { LOAD } from "../bench/fleet-load.ts";
import { readResult } from "../bench/fleet-result.ts";
import { answer, kubeconfigFor, startPeer, statusOf } from "./kube-peer.ts";
import { testCloud } from "./serverless-support.ts";

const KIB = 1024;
const MIB = KIB * KIB;

/** Counts what happens to it; being used after its end, or ended twice, throws. */
class Probe {
  isClosed = false;
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  touch(): string {
    if (this.isClosed) throw new Error(`${this.name} is closed`);
    return this.name;
  }
  close(): void {
    if (this.isClosed) throw new Error(`${this.name} is closed twice`);
    this.isClosed = true;
  }
}

type Kept = KeptOpen<unknown, Probe>;
const touch = (kept: Kept, name: string, bytes: number, of: unknown = 1): Promise<Probe> => kept.use(name, of, () => new Probe(name), async (it, weigh) => {
  it.touch();
  weigh(bytes);
  return it;
});

describe("what is kept open", () => {
  test("the longest unused goes where there is no room, and comes back new", async () => {
    const kept: Kept = createKeptOpen(100, 30);
    const [a, b] = [await touch(kept, "a", 40), await touch(kept, "b", 40)];
    expect(await touch(kept, "a", 40)).toBe(a);
    await touch(kept, "c", 40);
    expect([a.isClosed, b.isClosed, kept.names]).toEqual([false, true, ["a", "c"]]);
    const again = await touch(kept, "b", 40);
    expect(again).not.toBe(b);
    expect(again.isClosed).toBe(false);
    expect(kept.names).toEqual(["c", "b"]);
  });

  test("what was used just now stays, even if it alone is too large", async () => {
    const kept: Kept = createKeptOpen(100, 30);
    await touch(kept, "a", 10);
    const large = await touch(kept, "large", 500);
    expect([large.isClosed, kept.names]).toEqual([false, ["large"]]);
    expect(await touch(kept, "large", 500)).toBe(large);
    await touch(kept, "a", 10);
    expect([large.isClosed, kept.names]).toEqual([true, ["a"]]);
  });

  test("what is in use is not closed, however little room there is", async () => {
    const kept: Kept = createKeptOpen(100, 30);
    const { promise, resolve } = Promise.withResolvers<void>();
    await touch(kept, "used", 90);
    const used = kept.use("used", 1, () => new Probe("used"), async (it) => {
      await promise;
      it.touch();
      return it;
    });
    for (const name of ["a", "b", "c"]) await touch(kept, name, 90);
    expect(kept.names).toEqual(["used", "c"]);
    resolve();
    expect((await used).isClosed).toBe(false);
    expect(kept.names).toEqual(["used"]);
  });

  test("of another entry of the list it is opened anew, and the one before ends once nobody uses it", async () => {
    const kept: Kept = createKeptOpen(100, 30);
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = kept.use("a", 1, () => new Probe("a"), async (it) => {
      await promise;
      it.touch();
      return it;
    });
    const after = await touch(kept, "a", 10, 2);
    resolve();
    expect([(await before).isClosed, after.isClosed]).toEqual([true, false]);
    expect(await touch(kept, "a", 10, 2)).toBe(after);
    const third = await touch(kept, "a", 10, 3);
    expect([after.isClosed, third.isClosed, kept.names]).toEqual([true, false, ["a"]]);
  });

  test("what fails is kept, and takes what each is taken to hold; what cannot be opened is not", async () => {
    const kept: Kept = createKeptOpen(100, 30);
    const failing = kept.use("a", 1, () => new Probe("a"), () => Promise.reject(new Error("failed")));
    await expect(failing).rejects.toThrow("failed");
    const unopened = kept.use("b", 1, () => { throw new Error("no way in"); }, async () => 1);
    await expect(unopened).rejects.toThrow("no way in");
    expect(kept.names).toEqual(["a"]);
    await touch(kept, "c", 70);
    expect(kept.names).toEqual(["a", "c"]);
    await touch(kept, "c", 71);
    expect(kept.names).toEqual(["c"]);
  });

  test("whatever comes together, nothing is used after its end or ended twice, and what is idle has room", async () => {
    const step = fc.record({ name: fc.constantFrom("a", "b", "c", "d"), of: fc.integer({ min: 1, max: 2 }), bytes: fc.integer({ min: 0, max: 120 }), ticks: fc.nat(5) });
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const kept: Kept = createKeptOpen(100, 30);
      const bytes = new Map<string, number>();
      await Promise.all(steps.map(({ name, of, bytes: heavy, ticks }) => kept.use(name, of, () => new Probe(name), async (it, weigh) => {
        for (let tick = 0; tick < ticks; tick += 1) {
          await Promise.resolve();
          it.touch();
        }
        weigh(heavy);
        bytes.set(name, heavy);
      })));
      await touch(kept, "last", 0);
      expect(kept.names.at(-1)).toBe("last");
      // Sizes are known here by name alone: of two entries of one name the later one may have been the one before.
      const isPlain = new Set(steps.map(({ of }) => of)).size <= 1;
      const held = kept.names.reduce((sum, name) => sum + (bytes.get(name) ?? 0), 0);
      expect(isPlain ? held : 0).toBeLessThanOrEqual(100);
    }));
  });
});

describe("turns", () => {
  test("one after the other for each key, and nothing is left of those that are done", async () => {
    const turns = createTurns();
    const order: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const all = [
      turns.inTurn("a", async () => { await promise; order.push("a1"); throw new Error("no"); }).catch(() => order.push("a1 failed")),
      turns.inTurn("a", async () => order.push("a2")),
      turns.inTurn("b", async () => order.push("b1")),
    ];
    await all[2];
    expect([order, turns.size]).toEqual([["b1"], 1]);
    resolve();
    await Promise.all(all);
    expect(order.filter((one) => one.length === 2)).toEqual(["b1", "a1", "a2"]);
    expect(turns.size).toBe(0);
    expect(await turns.inTurn("a", async () => 7)).toBe(7);
  });
});

describe("the room that there is", () => {
  test.each([
    [{ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1024" }, 1024],
    [{ STUNNER_MEMORY_MIB: "2048" }, 2048],
    [{}, LOAD.memory.reconcile],
    [{ STUNNER_MEMORY_MIB: "2Gi" }, LOAD.memory.reconcile],
  ])("is a third of the memory: %o", (env, mebibytes) => {
    expect(roomOf(env)).toBeCloseTo((mebibytes * MIB) / 3, 0);
  });

  test.each([1, 50, 500])("is reckoned with what the bench has measured, of %i Gateways", (gateways) => {
    const [largest] = readResult().runs.filter((run) => run.gateways === gateways).sort((a, b) => b.clusters - a.clusters);
    expect(keptBytes(gateways) / (largest?.kept ?? 0)).toBeGreaterThan(0.9);
    expect(keptBytes(gateways) / (largest?.kept ?? 0)).toBeLessThan(1.2);
  });
});

describe("the function that passes", () => {
  const directory = mkdtempSync(join(tmpdir(), "kept-"));
  afterAll(() => rmSync(directory, { recursive: true }));

  test("passes over more clusters than it has room for, again and again, and leaves their connections", async () => {
    const peer = await startPeer((_request, response) => answer(response, 404, statusOf(404, "NotFound")));
    const path = join(directory, "kubeconfig");
    writeFileSync(path, kubeconfigFor(peer.url).exportConfig());
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const store = createMemoryStore();
    const env = { STUNNER_CLUSTERS: JSON.stringify(names.map((name) => ({ name, connect: { type: "kubeconfig", path } }))), STUNNER_MEMORY_MIB: "1" };
    const cloud = testCloud(env, store);
    const handle = createReconcileHandler(cloud.context);
    for (let round = 0; round < 3; round += 1) {
      cloud.time += 60_000;
      await Promise.all(names.map((cluster) => handle({ cluster, start: round }, { sentAt: 0, end: cloud.time + 60_000 })));
      expect(peer.heard.filter((one) => one === "GET /apis")).toHaveLength((round + 1) * names.length);
      for (const name of names) expect((await readReport(store, name))?.cluster).toBe(name);
    }
    await peer.close();
  });
});
