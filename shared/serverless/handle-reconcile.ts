import { setTimeout as sleep } from "node:timers/promises";
import { collectGarbage } from "../cds/collect-garbage.ts";
import { lookAgain } from "../queue/look.ts";
import type { PassMessage } from "../queue/pass-queue.ts";
import { noteStart, readStart } from "../queue/start.ts";
import type { Pass } from "../reconcile.ts";
import type { FunctionCluster } from "./cluster-list.ts";
import type { Context } from "./context.ts";
import { deadlineBefore } from "./deadline.ts";
import { createTurns } from "./in-turn.ts";
import { createKeptOpen } from "./kept-open.ts";
import { openKeys } from "./keys.ts";
import { openPassCluster, type PassCluster } from "./pass-cluster.ts";
import { keptBytes, roomOf } from "./room.ts";
import { tellPass } from "./tell-pass.ts";

/** `again`: another pass has been asked for, at once or for later; `failed`: the queue must hand out the message again. */
export type ReconcileOutcome = "done" | "again" | "failed";

/** What is known of a message and of the call that brings it. Times are milliseconds since the epoch. */
export interface Delivery {
  /** When it was sent. */
  readonly sentAt: number;
  /** When the platform ends the process. */
  readonly end: number;
}

/** The webhook tells of a write before it is stored, and the API server waits for its answer: so long that takes at most, mostly. */
const SETTLE_MS = 250;
/** Waits where somebody else wrote or is writing. */
const PAUSES_MS = [200, 500, 1000, 2000, 5000];
/** A pass that would be left less time is not begun. */
const LEAST_MS = 10_000;

/**
 * Passes that are asked for by messages. Rejects on nothing that a message can bring about. What an instance knows of clusters is
 * kept for the next pass as far as its memory allows: all state is in cluster and store (DESIGN.md 2), so that saves time and reads, and
 * nothing hangs on it.
 */
export function createReconcileHandler(context: Context): (message: PassMessage, delivery: Delivery) => Promise<ReconcileOutcome> {
  const { cloud, settings, store, log, now } = context;
  const queue = cloud.openQueue();
  const keys = openKeys(cloud, settings.tokenKeys, now);
  const kept = createKeptOpen<FunctionCluster, PassCluster>(roomOf(cloud.env), keptBytes(0));
  // One pass over a cluster at a time, also where an instance is given several messages at once.
  const { inTurn } = createTurns();

  /** What is announced may be stored now, and there is as much time between passes as was asked for. */
  async function settle({ name, settings: { throttle } }: FunctionCluster, sentAt: number): Promise<void> {
    const last = await readStart(store, name);
    const wait = Math.max(sentAt + SETTLE_MS, last.at + throttle) - now();
    if (wait > 0) await sleep(Math.min(wait, Math.max(SETTLE_MS, throttle)));
  }

  async function pass(named: FunctionCluster, end: number): Promise<ReconcileOutcome> {
    const access = await keys.access();
    return kept.use(named.name, named, () => openPassCluster(named, access, context), (cluster, weigh) => passWith(named, cluster, weigh, end));
  }

  async function passWith({ name }: FunctionCluster, cluster: PassCluster, weigh: (bytes: number) => void, end: number): Promise<ReconcileOutcome> {
    for (let tries = 0; ; tries += 1) {
      const { number } = await noteStart(store, name, now());
      const done = await cluster.pass(deadlineBefore(end));
      tellPass(log, done);
      // One that failed may have counted nothing, and has forgotten nothing.
      if (done.report.outcome !== "failed") weigh(keptBytes(done.report.counts.configs));
      await collect(name, done);
      const pause = PAUSES_MS[tries];
      const isInTime = pause !== undefined && end - now() - pause > LEAST_MS;
      if (done.isStale && !done.isCut && isInTime) await sleep(pause);
      else return await conclude(name, number, done);
    }
  }

  async function conclude(cluster: string, start: number, { report, isStale, isCut }: Pass & { readonly isCut: boolean }): Promise<ReconcileOutcome> {
    const isIdle = isCut && report.changes.every(({ operation }) => operation === "failed");
    if (isIdle) log.error("a pass had no time to write anything: give the function more", { cluster });
    // Somebody else holds the lease, or an API server is gone: the same at once would end the same.
    if (report.outcome === "failed" || isIdle) return putOff(cluster, start);
    if (!isStale && !isCut) return "done";
    await queue.send({ cluster, start });
    return "again";
  }

  /** To be tried later, by a second look: a message that is not done with would keep all others of its cluster waiting. */
  async function putOff(cluster: string, start: number): Promise<ReconcileOutcome> {
    await queue.send({ cluster, start, look: 0 });
    return "again";
  }

  /** Configurations that were replaced are of no use to anybody after a while. */
  async function collect(cluster: string, { report }: Pass): Promise<void> {
    if (!report.changes.some(({ object }) => object.startsWith("config "))) return;
    await collectGarbage(store, { cluster, now: now() }).catch((error: unknown) => log.warn("old configurations could not be deleted from the store", { cluster, err: error }));
  }

  return async (message, { sentAt, end }) => {
    const { cluster } = message;
    try {
      const named = (await context.clusters.read()).get(cluster);
      if (!named) {
        log.warn("a message for a cluster that is not in the list", { cluster });
        return "done";
      }
      if (message.look !== undefined) {
        log.debug("a second look", { cluster, outcome: await lookAgain(message, { store, queue, now }) });
        return "done";
      }
      await settle(named, sentAt);
      return await inTurn(cluster, () => pass(named, end));
    } catch (error) {
      log.error("no pass could be made", { cluster, err: error });
      // Start numbers are at least the time: whatever begins from now on is later.
      return await putOff(cluster, now()).catch(() => "failed" as const);
    }
  };
}
