import { KubeError } from "../../../shared/kube/errors.ts";
import type { KubeClient } from "../../../shared/kube/client.ts";
import type { ObjectStore } from "../../../shared/store/object-store.ts";

/** When a process dies: as it is about to send its write of that number to one of the two, or when that has carried it out. */
export interface Death {
  readonly to: "API server" | "store";
  readonly write: number;
  readonly at: "before" | "after";
}

/** Writes so far, in words, in the order in which they began. */
export type Writes = Readonly<Record<Death["to"], readonly string[]>>;

/** A process that dies: from then on nothing of it reaches the API server or the store. */
export interface Mortal {
  readonly around: (client: KubeClient) => KubeClient;
  readonly store: ObjectStore;
  readonly writes: Writes;
  isDead(): boolean;
}

export function createMortal(store: ObjectStore, death?: Death): Mortal {
  const writes: Record<Death["to"], string[]> = { "API server": [], store: [] };
  let isDead = false;
  const living = async <T>(act: () => Promise<T>): Promise<T> => {
    if (isDead) throw died();
    return act();
  };
  async function write<T>(to: Death["to"], what: string, act: () => Promise<T>): Promise<T> {
    if (isDead) throw died();
    isDead = writes[to].push(what) === death?.write && to === death.to;
    if (isDead && death?.at === "before") throw died();
    const answer = await act();
    if (isDead) throw died();
    return answer;
  }
  return {
    around: (client) => ({
      ...client,
      request(request) {
        const { method, path } = request;
        const act = () => client.request(request);
        return method === "GET" ? living(act) : write("API server", `${method} ${path}`, act);
      },
    }),
    store: {
      ...store,
      get: (...args) => living(() => store.get(...args)),
      list: (...args) => living(() => store.list(...args)),
      put: (key, ...rest) => write("store", `put ${key}`, () => store.put(key, ...rest)),
      delete: (key, ...rest) => write("store", `delete ${key}`, () => store.delete(key, ...rest)),
    },
    writes,
    isDead: () => isDead,
  };
}

function died(): KubeError {
  return new KubeError("the process is dead", { code: "Dead", status: 0, retryable: false });
}
