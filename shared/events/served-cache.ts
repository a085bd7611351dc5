import type { Served } from "../state/live/discovery.ts";

/** Which kinds a cluster serves, looked up once until it is forgotten (improvements I44). */
export interface ServedCache {
  /** @throws {KubeError} where it is not known and the server does not say */
  get(): Promise<Served>;
  /** What was looked up may be out of date. */
  forget(): void;
}

export function createServedCache(discover: () => Promise<Served>): ServedCache {
  let looked: Promise<Served> | undefined;
  return {
    get() {
      const look = (looked ??= discover());
      // A failure is no answer: whoever asks next looks again.
      look.catch(() => {
        if (looked === look) looked = undefined;
      });
      return look;
    },
    forget() {
      looked = undefined;
    },
  };
}
