import type { ObjectStore } from "../store/object-store.ts";
import type { PassQueue } from "./pass-queue.ts";
import { noteStart } from "./start.ts";

/**
 * Asks for a pass in any case: under a number that nobody has used. What was given up under an older one, and would still be
 * taken for sent by the queue, is made good by it.
 * @throws {StoreError} @throws {CloudError}
 */
export async function askAfresh(cluster: string, { store, queue, now }: { store: ObjectStore; queue: PassQueue; now: () => number }): Promise<void> {
  const { number } = await noteStart(store, cluster, now());
  await queue.send({ cluster, start: number });
}
