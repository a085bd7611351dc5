import { type Pass, type Ports, reconcile, type ReconcileOptions } from "../reconcile.ts";
import { PreconditionFailed, StoreError } from "../store/errors.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** Whoever goes on passing, by a timer or by the event of a deletion, is not to make everything again. */
class TornDown extends StoreError {
  constructor(cluster: string) {
    super(`cluster ${cluster} was torn down: nothing is made there. ${toBeginAgain(cluster)}`, { code: "torn-down", retryable: false });
  }
}

/** What a person is told. */
export function toBeginAgain(cluster: string): string {
  return `To begin again, delete ${keyOf(cluster)} from the store`;
}

/**
 * From now on every pass over the cluster does nothing. To be called under the lease: whoever looked at the cluster before that
 * cannot write to it any more.
 * @throws {StoreError}
 */
export async function markTornDown(store: ObjectStore, cluster: string, now: number): Promise<void> {
  const body = Buffer.from(JSON.stringify({ at: new Date(now).toISOString() }));
  await store.put(keyOf(cluster), body, { ifNoneMatch: "*" }).catch((error: unknown) => {
    if (!(error instanceof PreconditionFailed)) throw error;
  });
}

/** A pass; over a cluster that was torn down one that does nothing, and says so. */
export async function passUnlessTornDown(ports: Ports, options: ReconcileOptions): Promise<Pass> {
  const { store } = ports;
  const { clusterName } = options;
  async function openLease(): ReturnType<Ports["openLease"]> {
    const lease = await ports.openLease();
    // Not before: between the look and the lease all of a teardown could pass.
    if ((await store.get(keyOf(clusterName))).status === "found") throw new TornDown(clusterName);
    return lease;
  }
  const pass = await reconcile({ ...ports, openLease }, options);
  return pass.cause instanceof TornDown ? { ...pass, report: { ...pass.report, outcome: "stopped" } } : pass;
}

function keyOf(cluster: string): string {
  return `clusters/${cluster}/torn-down.json`;
}
