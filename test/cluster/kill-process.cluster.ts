import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStore } from "../../shared/store/open.ts";
import { eventually } from "../support/running-serve.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { startFaultProxy, type Fault, type FaultProxy } from "./fault-proxy.ts";
import { startOwnProcess, type OwnProcess } from "./faults/own-process.ts";
import { aim, apiRequest, storeRequest } from "./faults/points.ts";
import { sampled } from "./faults/sample.ts";
import { STEPS } from "./faults/scenario.ts";
import { openScene } from "./faults/scene.ts";
import { give, takingOrders } from "./kills/orders.ts";

type Verb = "serve" | "reconcile";

/** When a process dies: as its write has left it, or when the server or the disk has carried it out and it does not know yet. */
interface Death {
  readonly to: "API server" | "store";
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

  async function start(verb: Verb, store: string, env: Readonly<Record<string, string>> = {}): Promise<OwnProcess> {
    const kubeconfig = await cluster.kubeconfigFor({ token: cluster.adminToken }, proxy.url);
    const own = startOwnProcess([
      verb, `--kubeconfig=${kubeconfig}`, `--store=${store}`, "--cluster=test", "--cds-url=http://127.0.0.1:13478",
      ...(verb === "serve" ? ["--config-discovery-address=127.0.0.1:0", "--throttle-timeout=20ms"] : []),
    ], env);
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
    const writes = {
      "API server": scene.requests.api.filter((one) => !one.startsWith("GET ")),
      store: [
        ...scene.requests.store.filter((one) => /^(?:put|delete) /.test(one)).map(storeRequest),
        // Nobody has told yet what events matter.
        ...(verb === "serve" && step.name === "make" ? ["put clusters/test/refs.json"] : []),
      ],
    };

    async function play(death: Death): Promise<string[]> {
      await scene.edit();
      const hits = await (death.to === "store" ? killAtStore(verb, url, death) : kill(verb, url, death));
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

    const wrong: string[] = [];
    const deaths = (["API server", "store"] as const).flatMap((to) => sampled(`${step.name}, ${verb}, ${to}`, "FAULT_SAMPLE", deathsAt(to, writes[to])));
    for (const death of deaths) {
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
    await ended(own);
    proxy.spoil(() => undefined);
    return hits();
  }

  async function killAtStore(verb: Verb, store: string, { request, nth, at }: Death): Promise<number> {
    await give(store, { kill: request, nth, at });
    const hasDied = await ended(await start(verb, store, takingOrders(store)));
    await give(store, undefined);
    return hasDied ? 1 : 0;
  }
});

/** Whether it was killed before its time was over. */
async function ended(own: OwnProcess): Promise<boolean> {
  const code = await Promise.race([own.ended, new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 20_000).unref())]);
  own.signal("SIGKILL");
  await own.ended;
  return code === null;
}

function deathsAt(to: Death["to"], writes: readonly string[]): Death[] {
  return writes.flatMap((request, index): Death[] => {
    const nth = writes.slice(0, index + 1).filter((one) => one === request).length;
    return [{ to, request, nth, at: "before" }, { to, request, nth, at: "after" }];
  });
}
