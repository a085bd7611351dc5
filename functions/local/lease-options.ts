import { hostname } from "node:os";
import type { LeaseOptions } from "../../shared/store/lease.ts";
import { processIdentity } from "./process-identity.ts";

/** So long one that has died, or was stopped, keeps others out; a pass that takes longer renews its lease. */
export const LEASE_MS = 20_000;

/** A lease of this process. */
export function leaseOptions(cluster: string): LeaseOptions {
  return { cluster, holder: `${hostname()}/${process.pid}`, duration: LEASE_MS, now: Date.now, process: processIdentity() };
}
