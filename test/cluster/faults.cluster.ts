import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { openStore } from "../../shared/store/open.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { startFaultProxy, type Fault, type FaultProxy } from "./fault-proxy.ts";
import type { StoreFault } from "./faults/failing-store.ts";
import { aim, apiPoints, apiRequest, type Point, pointText, storePoints, storeRequest } from "./faults/points.ts";
import { sampled } from "./faults/sample.ts";
import { STEPS } from "./faults/scenario.ts";
import { openScene, type Requests, type Scene } from "./faults/scene.ts";

/** Failures after which there is nothing more to be learnt. */
const ENOUGH = 8;

describe("a pass of which one request fails", () => {
  let cluster: Cluster;
  let proxy: FaultProxy;
  let directory: string;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("newest") });
    // With pages of one object small lists have several of them, and positions that can expire.
    proxy = await startFaultProxy(cluster, { page: 1 });
    directory = await mkdtemp(join(tmpdir(), "stunner-faults-"));
  });
  afterAll(async () => {
    await proxy.close();
    await cluster.stop();
    await rm(directory, { recursive: true });
  });

  const files = async (): Promise<ObjectStore> => openStore(`file://${await mkdtemp(join(directory, "store-"))}`);
  const sides = [
    { side: "API server", of: "api", store: async () => createMemoryStore() },
    { side: "store", of: "store", store: files },
    { side: "store as CDS reads it", of: "cds", store: files },
  ] as const;
  const cases = STEPS.flatMap((step) => sides.map((side) => ({ what: step.name, step, ...side })));

  test.each(cases)("at each in turn ends as if nothing had happened: $what, $side", { timeout: 1_200_000 }, async ({ what, side, of, store, step }) => {
    const scene = await openScene({ cluster, proxy, step, openStore: store });
    const all = of === "api" ? apiPoints(scene.requests.api) : storePoints(scene.requests[of].map(storeRequest));
    const wrong: string[] = [];
    for (const point of sampled(`${what}, ${side}`, "FAULT_SAMPLE", all)) {
      const flaws = await play(scene, of, point);
      wrong.push(...flaws.map((flaw) => `${pointText(point)}: ${flaw}`));
      if (wrong.length >= ENOUGH) break;
      await scene.undo();
    }
    await scene.close();
    expect(wrong).toEqual([]);
  });

  /** What is wrong after a pass with a fault and one more without. */
  async function play(scene: Scene, of: keyof Requests, point: Point): Promise<string[]> {
    const stage = scene.stage();
    const { decide, hits } = aim(point);
    await scene.edit();
    stage.longestPause();
    if (of === "api") proxy.spoil((asked) => decide(apiRequest(asked)) as Fault | undefined);
    else (of === "store" ? stage.written : stage.followed).spoil((asked) => decide(storeRequest(asked)) as StoreFault | undefined);
    // Only who waits for what never comes is impatient: a busy machine is no fault.
    await stage.pass(point.name.startsWith("silence") ? 300 : 10_000);
    const seen = await stage.seen();
    for (const one of [proxy, stage.written, stage.followed]) one.spoil(() => undefined);
    const flaws = hits() === 0 ? ["never happened"] : [];
    if (point.name === "429" && stage.longestPause() < 1000) flaws.push("Retry-After is not heeded");

    await stage.clean();
    seen.push(...(await stage.seen()));
    return [...flaws, ...(await scene.flaws(seen))];
  }
});
