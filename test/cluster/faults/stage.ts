import { setTimeout as delay } from "node:timers/promises";
import { DEFAULT_RETRIES } from "../../../shared/kube/retry.ts";
import { isOurs } from "../../../shared/reconcile/failure.ts";
import type { ObjectStore } from "../../../shared/store/object-store.ts";
import { createControlPlane, LEASE } from "../live-control-plane.ts";
import { startCdsWatcher } from "./cds-watcher.ts";
import { createFailingStore, type FailingStore } from "./failing-store.ts";

/** A control plane and a CDS server on one store, each with its own way of failing to reach it. */
export interface Stage {
  /** As the control plane reaches it, and as CDS does. */
  readonly written: FailingStore;
  readonly followed: FailingStore;
  /**
   * One pass, of a process that has waited for the lease of the one before. Returns what it failed with; a bug is thrown.
   * @param timeout milliseconds until a request has failed
   */
  pass(timeout: number): Promise<unknown>;
  /** The same, with patience. @throws what it failed with */
  clean(): Promise<void>;
  /** What the watcher of CDS was sent since the last call. */
  seen(): Promise<string[]>;
  /** The longest pause that a retry was to make since the last call, in milliseconds. */
  longestPause(): number;
  close(): Promise<void>;
}

/** Milliseconds: longer than any busy machine takes for a request. */
const PATIENCE = 30_000;
/** Pauses are as much shorter. */
const HASTE = 50;

/** @param kubeconfig leads to the API server by a fault proxy */
export async function openStage(kubeconfig: string, store: ObjectStore): Promise<Stage> {
  const [written, followed] = [createFailingStore(store), createFailingStore(store)];
  let longest = 0;
  let passes = 0;
  let timeout = PATIENCE;
  const clock = {
    now: () => performance.now(),
    random: Math.random,
    async sleep(milliseconds: number) {
      longest = Math.max(longest, milliseconds);
      await delay(milliseconds / HASTE);
    },
  };
  const plane = createControlPlane(kubeconfig, {
    store: written.store,
    around: (client) => ({ ...client, request: (request) => client.request({ ...request, timeout }) }),
    forgets: true,
    later: () => (passes += 1) * LEASE,
    retries: { policy: { ...DEFAULT_RETRIES, attempts: 2 }, clock },
  });
  const watcher = await startCdsWatcher(followed.store, "test");
  const clean = async (): Promise<void> => void (await plane.pass());
  return {
    written,
    followed,
    clean,
    async pass(limit) {
      timeout = limit;
      try {
        await clean();
        return undefined;
      } catch (error) {
        if (!isOurs(error)) throw error;
        return error;
      } finally {
        timeout = PATIENCE;
      }
    },
    async seen() {
      await written.quiet();
      await followed.quiet();
      return watcher.seen();
    },
    longestPause() {
      const was = longest;
      longest = 0;
      return was;
    },
    async close() {
      plane.close();
      await watcher.close();
    },
  };
}
