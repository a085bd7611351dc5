import type { Age } from "../../shared/cds/aging.ts";
import { positive } from "../../shared/serverless/positive.ts";
import type { Environment } from "../../shared/settings.ts";

/** What Cloud Run functions get where nobody says otherwise, in seconds (Cloud Run functions, "Function timeout"). */
const DEFAULT_SECONDS = 60;

/**
 * Milliseconds that the platform gives a request: STUNNER_TIMEOUT_SECONDS, which Terraform sets along with the timeout itself;
 * CLOUD_RUN_TIMEOUT_SECONDS, which functions frameworks read and no page of Google promises; of both the shorter. Without either
 * it reckons with the shortest that there is by default: what ends too early goes on, what the platform cuts off does not report.
 */
export function requestTimeout(env: Environment): number {
  const given = [env["STUNNER_TIMEOUT_SECONDS"], env["CLOUD_RUN_TIMEOUT_SECONDS"]].map(positive).filter((seconds) => seconds !== undefined);
  return (given.length === 0 ? DEFAULT_SECONDS : Math.min(...given)) * 1000;
}

/** A WebSocket is a request to the platform: it ends in time by itself, with the 60 minutes of Terraform after 20 to 50. */
export function connectionAge(env: Environment): Age {
  const timeout = requestTimeout(env);
  return { least: timeout / 3, most: (timeout * 5) / 6 };
}
