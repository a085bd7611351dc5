import { KubeConfig } from "@kubernetes/client-node";
import { CommandFailure } from "./fail.ts";

/**
 * Reads a kubeconfig.
 * @throws {CommandFailure} it cannot be read, or does not say which cluster is meant
 */
export function loadKubeconfig(path: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(path);
  } catch (error) {
    throw new CommandFailure(`--kubeconfig=${path}: cannot be read as a kubeconfig: ${error instanceof Error ? error.message : "unknown"}`, 2, error);
  }
  if (!config.getCurrentCluster()) throw new CommandFailure(`--kubeconfig=${path}: has no cluster for its current context "${config.getCurrentContext()}"`);
  return config;
}
