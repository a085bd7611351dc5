import { KubeConfig } from "@kubernetes/client-node";
import type { Connect } from "../../shared/settings/clusters.ts";
import { CommandFailure } from "./fail.ts";

/** How an API server is reached. */
export type ApiConnect = Exclude<Connect, { readonly type: "directory" }>;

/**
 * What the Kubernetes client needs to reach a cluster.
 * @param setting where `connect` comes from, for errors
 * @throws {CommandFailure} a kubeconfig cannot be read, or does not say which cluster is meant
 */
export function kubeConfigOf(connect: ApiConnect, setting = "--kubeconfig"): KubeConfig {
  return connect.type === "token" ? ofToken(connect) : load(connect, `${setting}=${connect.path}`);
}

/** For the log: which server, and what said so. */
export function describeApi(config: KubeConfig, connect: ApiConnect): string {
  const server = config.getCurrentCluster()?.server ?? "";
  return connect.type === "token" ? server : `${server} (${connect.path})`;
}

function load({ path, context }: Extract<ApiConnect, { type: "kubeconfig" }>, given: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(path);
  } catch (error) {
    throw new CommandFailure(`${given}: cannot be read as a kubeconfig: ${error instanceof Error ? error.message : "unknown"}`, 2, error);
  }
  if (context !== undefined) config.setCurrentContext(context);
  if (config.getCurrentCluster()) return config;
  throw new CommandFailure(`${given}: has no cluster for its current context "${config.getCurrentContext()}"`);
}

/** A token in a file is read again now and then: those of service accounts expire. */
function ofToken({ server, ca, token, tokenFile }: Extract<ApiConnect, { type: "token" }>): KubeConfig {
  const config = new KubeConfig();
  const user = tokenFile === undefined ? { name: "user", token: token ?? "" } : { name: "user", authProvider: { name: "tokenFile", config: { tokenFile } } };
  config.loadFromOptions({
    clusters: [{ name: "cluster", server, skipTLSVerify: false, ...(ca === undefined ? {} : { caData: base64(ca) }) }],
    users: [user],
    contexts: [{ name: "context", cluster: "cluster", user: "user" }],
    currentContext: "context",
  });
  return config;
}

/** PEM as it is, or in base64 as a kubeconfig has it. */
function base64(pem: string): string {
  return pem.includes("-----BEGIN") ? Buffer.from(pem).toString("base64") : pem;
}
