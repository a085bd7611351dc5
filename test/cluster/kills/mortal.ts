import { KubeError } from "../../../shared/kube/errors.ts";
import type { KubeClient } from "../../../shared/kube/client.ts";
import type { ObjectStore } from "../../../shared/store/object-store.ts";

/** When a process dies: as it is about to send its write of that number, or when the server has carried it out. */
export interface Death {
  readonly write: number;
  readonly at: "before" | "after";
}

/** A process that dies: from then on nothing of it reaches the API server or the store. */
export interface Mortal {
  readonly around: (client: KubeClient) => KubeClient;
  readonly store: ObjectStore;
  /** Writes to the API server so far. */
  writes(): number;
  isDead(): boolean;
}

function died(): KubeError {
  return new KubeError("the process is dead", { code: "Dead", status: 0, retryable: false });
}

export function createMortal(store: ObjectStore, death?: Death): Mortal {
  let writes = 0;
  let isDead = false;
  const living = async <T>(act: () => Promise<T>): Promise<T> => {
    if (isDead) throw died();
    return act();
  };
  return {
    around: (client) => ({
      ...client,
      async request(request) {
        if (isDead) throw died();
        if (request.method === "GET") return living(() => client.request(request));
        writes += 1;
        isDead = writes === death?.write;
        if (isDead && death?.at === "before") throw died();
        const answer = await client.request(request);
        if (isDead) throw died();
        return answer;
      },
    }),
    store: {
      ...store,
      get: (...args) => living(() => store.get(...args)),
      put: (...args) => living(() => store.put(...args)),
      delete: (...args) => living(() => store.delete(...args)),
      list: (...args) => living(() => store.list(...args)),
    },
    writes: () => writes,
    isDead: () => isDead,
  };
}
