import { PreconditionFailed } from "../../shared/store/errors.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";

/** Adds one to the number in an object, `times` times, each as often as it takes. */
export async function countUp(store: ObjectStore, key: string, times: number): Promise<void> {
  for (let done = 0; done < times; ) {
    const result = await store.get(key);
    if (result.status !== "found") throw new Error(`${key} is ${result.status}`);
    const next = Buffer.from(String(Number(Buffer.from(result.body).toString()) + 1));
    try {
      await store.put(key, next, { ifMatch: result.etag });
      done += 1;
    } catch (error) {
      if (!(error instanceof PreconditionFailed)) throw error;
    }
  }
}
