import type { Pass } from "../../shared/reconcile.ts";
import type { Logger } from "./log.ts";
import { packageVersion } from "./package.ts";

/** What is read, written and served where. @param places names and values @param origin `http://host:port` */
export function tellStart(log: Logger, origin: string, places: readonly (readonly [string, string])[]): void {
  log.info(`stunner-serverless ${packageVersion()}`);
  for (const [name, value] of places) log.info(`${name.padEnd(22)} ${value}`);
  log.info(`configurations (CDS)   ${origin}/api/v1/configs`);
  log.info(`probes and metrics     ${origin}/healthz  ${origin}/readyz  ${origin}/metrics`);
}

/** How to look at one configuration, once there is one. @param needsToken of an operator */
export function tellServed(log: Logger, origin: string, { report }: Pass, needsToken: boolean): void {
  const id = report.changes.find(({ object, operation }) => object.startsWith("config ") && operation !== "deleted")?.object.split(" ")[1];
  // The shell gets the token; it must not be in a log.
  const token = needsToken ? ' -H "Authorization: Bearer $(stunner-serverless token mint operator)"' : "";
  if (id) log.info(`to see one             curl${token} ${origin}/api/v1/configs/${id}`);
}
