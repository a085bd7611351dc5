import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStore } from "../../shared/store/open.ts";
import { eventually } from "../support/running-serve.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { startFaultProxy, type Fault, type FaultProxy } from "./fault-proxy.ts";
import { startOwnProcess, type OwnProcess } from "./faults/own-process.ts";
import { aim, apiRequest } from "./faults/points.ts";
import { sampled } from "./faults/sample.ts";
import { STEPS } from "./faults/scenario.ts";
import { openScene } from "./faults/scene.ts";

type Verb = "serve" | "reconcile";

/** When a process dies: as its write has left it, or when the server has carried it out and has not answered. */
interface Death {
  readonly request: string;
  readonly nth: number;
  readonly at: "before" | "after";
}

/** Failures after which there is nothing more to be learnt. */
const ENOUGH = 5;

describe("kill -9 at a write", () => {
  let cluster: Cluster;
  let proxy: FaultProxy;
  let directory: string;
  const running = new Set<OwnProcess>();
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("newest") });
    proxy = await startFaultProxy(cluster);
    directory = await mkdtemp(join(tmpdir(), "stunner-kills-"));
  });
  afterAll(async () => {
    for (const one of running) one.signal("SIGKILL");
    await proxy.close();
    await cluster.stop();
    await rm(directory, { recursive: true });
  });

  async function start(verb: Verb, store: string): Promise<OwnProcess> {
    const kubeconfig = await cluster.kubeconfigFor({ token: cluster.adminToken }, proxy.url);
    const own = startOwnProcess([
      verb, `--kubeconfig=${kubeconfig}`, `--store=${store}`, "--cluster=test", "--cds-url=http://127.0.0.1:13478",
      ...(verb === "serve" ? ["--config-discovery-address=127.0.0.1:0", "--throttle-timeout=20ms"] : []),
    ]);
    running.add(own);
    void own.ended.then(() => running.delete(own));
    return own;
  }

  const cases = STEPS.flatMap((step) => (["serve", "reconcile"] as const).map((verb) => ({ what: step.name, verb, step })));

  test.each(cases)("leaves what the next process makes as good as new: $what, $verb", { timeout: 1_200_000 }, async ({ verb, step }) => {
    let url = "";
    const scene = await openScene({
      cluster, proxy, step,
      async openStore() {
        url = `file://${await mkdtemp(join(directory, "store-"))}`;
        return openStore(url);
      },
    });
    const writes = scene.requests.api.filter((one) => !one.startsWith("GET "));

    async function play(death: Death): Promise<string[]> {
      await scene.edit();
      const hits = await kill(verb, url, death);
      const flaws = hits === 0 ? ["never happened"] : [];
      const next = await start(verb, url);
      const seen: string[] = [];
      if (verb === "reconcile") {
        if ((await next.ended) !== 0) flaws.push(`the next process fails: ${next.output()}`);
      } else {
        await eventually(async () => {
          seen.push(...(await scene.stage().seen()));
          return (await scene.flaws(seen)).length === 0;
        }).catch(() => undefined);
        next.signal("SIGTERM");
        await next.ended;
      }
      seen.push(...(await scene.stage().seen()));
      return [...flaws, ...(await scene.flaws(seen))];
    }

    const deaths = writes.flatMap((request, index): Death[] => {
      const nth = writes.slice(0, index + 1).filter((one) => one === request).length;
      return [{ request, nth, at: "before" }, { request, nth, at: "after" }];
    });
    const wrong: string[] = [];
    for (const death of sampled(`${step.name}, ${verb}`, "FAULT_SAMPLE", deaths)) {
      wrong.push(...(await play(death)).map((flaw) => `killed ${death.at} ${death.request} (${death.nth}): ${flaw}`));
      if (wrong.length >= ENOUGH) break;
      await scene.undo();
    }
    await scene.close();
    expect(wrong).toEqual([]);
  });

  /** Runs a process to its death; how often the write came, which is once where all is well. */
  async function kill(verb: Verb, store: string, { request, nth, at }: Death): Promise<number> {
    const { decide, hits } = aim<Fault>({ request, nth, name: at, fault: "cut", lasts: false });
    let isDead = false;
    const own = await start(verb, store);
    const die = (): void => {
      isDead = true;
      own.signal("SIGKILL");
    };
    proxy.spoil((asked) => {
      // What was on its way when it died is lost with it.
      if (isDead) return "cut";
      if (decide(apiRequest(asked)) === undefined) return undefined;
      if (at === "after") return { after: die };
      die();
      return "cut";
    });
    await Promise.race([own.ended, new Promise((resolve) => setTimeout(resolve, 20_000).unref())]);
    own.signal("SIGKILL");
    await own.ended;
    proxy.spoil(() => undefined);
    return hits();
  }
});
