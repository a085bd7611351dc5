import type { ObjectStore } from "../../../shared/store/object-store.ts";
import type { Cluster } from "../cluster.ts";
import type { FaultProxy } from "../fault-proxy.ts";
import { install } from "../live-fixture.ts";
import { differences, outcomeOf, type Outcome } from "./outcome.ts";
import { apiRequest } from "./points.ts";
import { installFirst, markAsStranger, markService, STEPS, type Step, unmake } from "./scenario.ts";
import { afterwards, flawsOfTransition, type Served } from "./served.ts";
import { openStage, type Stage } from "./stage.ts";

/** What a step asks of each side when nothing fails. */
export interface Requests {
  readonly api: readonly string[];
  readonly store: readonly string[];
  readonly cds: readonly string[];
}

/** One step, played again and again from where it begins, against how it ends when nothing fails. */
export interface Scene {
  readonly requests: Requests;
  stage(): Stage;
  /** Makes the step's edits. */
  edit(): Promise<void>;
  /** What is wrong with how the step has ended, and with what a watcher was sent on the way. */
  flaws(seen: readonly string[]): Promise<string[]>;
  /** Back to where the step begins. */
  undo(): Promise<void>;
  close(): Promise<void>;
}

export interface SceneOptions {
  readonly cluster: Cluster;
  readonly proxy: FaultProxy;
  readonly step: Step;
  /** A new one. */
  readonly openStore: () => Promise<ObjectStore>;
}

export async function openScene({ cluster, proxy, step, openStore }: SceneOptions): Promise<Scene> {
  const kubeconfig = await cluster.kubeconfigFor({ token: cluster.adminToken }, proxy.url);
  let before: Served = new Map();
  let uids: Outcome["uids"] = new Map();

  /** Everything of the steps before, settled. */
  async function open(): Promise<Stage> {
    const opened = await openStage(kubeconfig, await openStore());
    for (const { name, edit } of STEPS.slice(0, STEPS.indexOf(step))) {
      await install(cluster, edit);
      await opened.clean();
      if (name === "make") await markService(cluster);
      await opened.clean();
    }
    before = afterwards(new Map(), await opened.seen());
    ({ uids } = await outcomeOf(cluster));
    return opened;
  }

  async function undo(): Promise<void> {
    if (step.name === "make") {
      await stage.close();
      await unmake(cluster);
      stage = await open();
      return;
    }
    await install(cluster, step.undo);
    await stage.clean();
    before = afterwards(before, await stage.seen());
    ({ uids } = await outcomeOf(cluster));
  }

  await cluster.reset();
  await installFirst(cluster);
  await markAsStranger(cluster);
  let stage = await open();
  const beginning = await outcomeOf(cluster);
  const from = [proxy.asked.length, stage.written.asked.length, stage.followed.asked.length] as const;
  await install(cluster, step.edit);
  await stage.clean();
  const after = afterwards(before, await stage.seen());
  const requests = {
    api: proxy.asked.slice(from[0]).map(apiRequest),
    store: stage.written.asked.slice(from[1]),
    cds: stage.followed.asked.slice(from[2]),
  };
  await stage.clean();
  const expected = await outcomeOf(cluster);
  const late = await stage.seen();
  // What was there before and still is, is as it was.
  const touched = differences("of others", expected.foreign, beginning.foreign).filter((one) => !/ (?:is|not) undefined/.test(one));
  if (late.length > 0 || touched.length > 0) throw new Error(`${step.name} goes wrong without any fault: ${[...late, ...touched].join("\n")}`);
  await undo();

  return {
    requests,
    stage: () => stage,
    edit: () => install(cluster, step.edit),
    async flaws(seen) {
      const { made, foreign, uids: now } = await outcomeOf(cluster);
      const left = afterwards(before, seen);
      return [
        ...flawsOfTransition(before, after, seen),
        ...[...after].filter(([id, text]) => left.get(id) !== text).map(([id]) => `of ${id} is served ${left.get(id)}`),
        ...differences("made", made, expected.made),
        ...differences("of others", foreign, expected.foreign),
        ...[...now].filter(([title, uid]) => uids.has(title) && uids.get(title) !== uid).map(([title]) => `${title} was deleted and made anew`),
      ];
    },
    undo,
    close: () => stage.close(),
  };
}
