import { hostname } from "node:os";
import type { LeaseOptions } from "../../shared/store/lease.ts";

/** A pass takes milliseconds; after so many of them it may begin no write any more. */
const DURATION_MS = 60_000;

/** A lease of this process. */
export function leaseOptions(cluster: string): LeaseOptions {
  return { cluster, holder: `${hostname()}/${process.pid}`, duration: DURATION_MS, now: Date.now };
}
