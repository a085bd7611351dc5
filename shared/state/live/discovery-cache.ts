import type { KubeClient } from "../../kube/client.ts";
import { discover, type Served } from "./discovery.ts";

/** What a cluster serves, asked once in a while. */
export interface DiscoveryCache {
  /** @throws {KubeError} where it is not known and the server does not say */
  readonly discover: () => Promise<Served>;
  /** Asks anew next time: a CRD has come or gone (I44). */
  readonly forget: () => void;
}

/** Milliseconds after which it is asked anew even where nobody told of a change. */
const OLDEST = 5 * 60_000;

/** @param now milliseconds, of a clock that never goes back */
export function createDiscoveryCache(client: KubeClient, now: () => number = () => performance.now()): DiscoveryCache {
  let known: { readonly at: number; readonly served: Promise<Served> } | undefined;
  return {
    async discover() {
      if (known === undefined || now() - known.at > OLDEST) known = { at: now(), served: discover(client) };
      const asked = known;
      try {
        return await asked.served;
      } catch (error) {
        if (known === asked) known = undefined;
        throw error;
      }
    },
    forget() {
      known = undefined;
    },
  };
}
