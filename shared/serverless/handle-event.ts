import { admitEvent, isRefusedEvent, refuseBody, type RefusedEvent } from "../events/admit-event.ts";
import { failure } from "../cds/refusals.ts";
import { type Change, isEarly } from "../events/change.ts";
import { decodeEvent } from "../events/decode.ts";
import { isRefusal } from "../events/decoded.ts";
import { unpackEvent } from "../events/unpack-event.ts";
import { createAsker } from "../queue/asker.ts";
import type { FunctionCluster } from "./cluster-list.ts";
import type { Context } from "./context.ts";
import { type EventCluster, openEventCluster } from "./event-cluster.ts";
import { type FunctionAnswer, type FunctionRequest, wholeAnswer } from "./http.ts";
import { openKeys } from "./keys.ts";
import { within } from "./within.ts";

export interface EventHandler {
  /** `POST /v1/clusters/<cluster>/events/<token>`: admission reviews, audit events, CloudEvents (DESIGN.md 4.4). */
  answer(request: FunctionRequest): Promise<FunctionAnswer>;
  /**
   * Events that came another way, from a sender that the cloud vouches for.
   * @param isOf which cluster they are of
   * @returns how many of them mattered
   * @throws {CloudError} @throws {StoreError} they may not have been passed on
   */
  take(changes: readonly Change[], isOf: (cluster: FunctionCluster) => boolean): Promise<number>;
}

/** What an unknown cluster is compared with, so that it takes as long as a known one. */
const NOBODY = "";

/**
 * So long whoever waits in the middle of a write waits for the queue: with the look it is less than the second after which an API
 * server goes on by itself. What takes longer goes on as far as the platform lets it; a change that is lost that way the next
 * resync sees.
 */
const PATIENCE_MS = 500;

/** Events are hints (DESIGN.md 2): of those that matter a pass is asked for, and their content goes no further. */
export function createEventHandler(context: Context): EventHandler {
  const { cloud, settings, store, log, now } = context;
  const keys = openKeys(cloud, settings.tokenKeys, now);
  const asker = createAsker({ store, queue: cloud.openQueue(), now });
  const opened = new Map<FunctionCluster, EventCluster>();

  async function open(cluster: FunctionCluster): Promise<EventCluster> {
    const known = opened.get(cluster) ?? openEventCluster(cluster, await keys.access(), context);
    opened.set(cluster, known);
    return known;
  }

  /** How many of them mattered. */
  async function passOn({ name }: FunctionCluster, cluster: EventCluster, changes: readonly Change[]): Promise<number> {
    const relevant = await cluster.relevant(changes);
    if (relevant.length > 0) await asker.ask(name, relevant.some(isEarly));
    log.debug("events", { cluster: name, changes: changes.length, relevant: relevant.length });
    return relevant.length;
  }

  return {
    async answer({ method, url, headers, body }) {
      const [access, clusters] = await Promise.all([keys.access(), context.clusters.read()]);
      const admitted = admitEvent({ method, url, headers }, (name) => {
        const cluster = clusters.get(name);
        return { tokens: [cluster?.settings.eventToken ?? NOBODY, ...access.eventTokens(name)], isKnown: cluster !== undefined };
      });
      if (isRefusedEvent(admitted)) {
        if (admitted.status === 403) keys.doubt();
        return refused(admitted);
      }
      const unpacked = await unpackEvent(body, headers);
      if (typeof unpacked === "string") return refused(refuseBody(admitted.cluster, unpacked));
      const named = clusters.get(admitted.cluster);
      if (!named) return refused({ status: 403, message: "The cluster or the token is wrong" });
      const cluster = await open(named);
      const judge = isReview(unpacked) ? await cluster.judge() : undefined;
      const decoded = decodeEvent({ headers: admitted.headers, body: unpacked }, judge);
      if (isRefusal(decoded)) return refused({ cluster: named.name, ...decoded });
      const passed = passOn(named, cluster, decoded.changes).then(() => true, (error: unknown) => {
        log.error("a pass could not be asked for; the next resync sees what has changed", { cluster: named.name, err: error });
        return false;
      });
      const { answer } = decoded;
      // Whoever waits in the middle of a write gets its answer; others send it again.
      if (answer === undefined) return (await passed) ? wholeAnswer({ status: 202, headers: {}, body: "" }) : refused({ status: 503, message: "The event could not be passed on", headers: { "Retry-After": "1" } });
      await within(PATIENCE_MS, passed);
      return wholeAnswer({ status: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify(answer) });
    },

    async take(changes, isOf) {
      const clusters = [...(await context.clusters.read()).values()].filter(isOf);
      if (clusters.length === 0) log.warn("events of a cluster that is not in the list", { changes: changes.length });
      const counts = await Promise.all(clusters.map(async (cluster) => passOn(cluster, await open(cluster), changes)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };

  function refused({ status, message, headers, cluster }: RefusedEvent): FunctionAnswer {
    log.debug(message, { status, ...(cluster === undefined ? {} : { cluster }) });
    return wholeAnswer(failure(status, message, headers));
  }
}

/** Whether it may be an AdmissionReview: only those are judged. */
function isReview(body: Uint8Array): boolean {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes('"AdmissionReview"');
}
