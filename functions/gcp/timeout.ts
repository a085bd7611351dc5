import type { Age } from "../../shared/cds/aging.ts";
import type { Environment } from "../../shared/settings.ts";

/** What Cloud Run functions get where nobody says otherwise, in seconds. */
const DEFAULT_SECONDS = 60;

/** Milliseconds that the platform gives a request. The functions framework reads the same variable. */
export function requestTimeout({ CLOUD_RUN_TIMEOUT_SECONDS: seconds = "" }: Environment): number {
  return (/^[1-9]\d*$/.test(seconds) ? Number(seconds) : DEFAULT_SECONDS) * 1000;
}

/** A WebSocket is a request to the platform: it ends in time by itself, with the 60 minutes of Terraform after 20 to 50. */
export function connectionAge(env: Environment): Age {
  const timeout = requestTimeout(env);
  return { least: timeout / 3, most: (timeout * 5) / 6 };
}
