import { type ApiConnect, InvalidConnection } from "../../shared/connect/kube-config.ts";
import { type OpenKube, openKube } from "../../shared/connect/open-kube.ts";
import { CommandFailure } from "./fail.ts";

/** @throws {CommandFailure} what says how the cluster is reached cannot be used */
export function openApi(connect: ApiConnect): OpenKube {
  try {
    return openKube(connect, connect.type === "kubeconfig" ? `--kubeconfig=${connect.path}` : "--clusters");
  } catch (error) {
    throw error instanceof InvalidConnection ? new CommandFailure(error.message, 2, error.cause) : error;
  }
}

/** For the log: which server, and what said so. */
export function describeApi({ server }: OpenKube, connect: ApiConnect): string {
  return connect.type === "kubeconfig" ? `${server} (${connect.path})` : server;
}
