import type { Cluster } from "../apply/cluster.ts";
import type { DesiredStatus } from "../render/result.ts";
import type { Condition } from "../resources/meta.ts";

const SHUT_DOWN = "the control plane was shut down with --enable-finalizer, and the dataplane with it";

/**
 * A cluster in which no class has its parameters any more: a pass over it, with `onInvalid: teardown`, invalidates every
 * class and removes every dataplane of ours, as the upstream's finalizer does (spec/resources.md 5.9).
 * @param why what the statuses say
 */
export function finalized(cluster: Cluster, why: string = SHUT_DOWN): Cluster {
  return {
    ...cluster,
    async load(beforeWrite) {
      const loaded = await cluster.load(beforeWrite);
      return { ...loaded, state: { ...loaded.state, gatewayConfigs: new Map() } };
    },
    writeStatus: (status) => cluster.writeStatus(withReason(status, why)),
  };
}

/** Says why in the conditions that turn false, where the parameters that seem to be missing are not the reason. */
function withReason(one: DesiredStatus, message: string): DesiredStatus {
  if (one.kind === "UDPRoute") return one;
  const conditions = one.status.conditions?.map((condition) => (isOurs(condition) ? { ...condition, message } : condition));
  return { ...one, status: { ...one.status, ...(conditions && { conditions }) } };
}

function isOurs({ type, status, lastTransitionTime }: Condition): boolean {
  return ["Accepted", "Programmed"].includes(type) && status === "False" && lastTransitionTime === undefined;
}
