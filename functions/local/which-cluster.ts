import { parseSettings, type Environment, type Flags, type Settings } from "../../shared/settings.ts";
import { CommandFailure } from "./fail.ts";

/**
 * The settings, with one cluster: `kubeconfig` is empty where it is a directory. KUBECONFIG is often set for other
 * programs: it counts only where nothing else says what the cluster is.
 * @throws {SettingsError}
 */
export function settingsOfCluster(flags: Flags, environment: Environment): Settings {
  const settings = parseSettings(flags, environment);
  const isDirectory = flags["kubeconfig"] === undefined && settings.manifests !== "";
  return isDirectory ? { ...settings, kubeconfig: "" } : settings;
}

/** Pods of a real cluster must not be sent to a loopback address (DESIGN.md 4.3). @throws {CommandFailure} */
export function refuseUnreachable({ kubeconfig, mode, delivery, isAdvertised }: Settings): void {
  if (!kubeconfig || mode !== "managed" || delivery === "configmap" || isAdvertised) return;
  throw new CommandFailure(
    "with a kubeconfig, pods must be told where they reach this server: set STUNNER_GATEWAY_OPERATOR_ADDRESS to a host or --cds-url to http://host:port",
  );
}
