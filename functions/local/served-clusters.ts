import { readFile } from "node:fs/promises";
import { type ClusterEntry, type Connect, InvalidClusters, parseClusters } from "../../shared/settings/clusters.ts";
import type { Flags, Settings } from "../../shared/settings.ts";
import { CommandFailure, reasonOf } from "./fail.ts";
import { settingsOf } from "../../shared/settings/settings-of.ts";
import { renderOptions } from "./render-options.ts";

/** A cluster that is served: where it is, and the settings as they hold for it. */
export interface ServedCluster {
  readonly name: string;
  readonly connect: Connect;
  readonly settings: Settings;
  /** `http://host:port` at which its pods reach CDS. @param port that is listened on */
  configOrigin(port: number): string;
  /** Whether it says itself where its pods reach CDS. */
  readonly hasOrigin: boolean;
  /** Empty: no events are let in. A secret. */
  readonly eventToken: string;
}

/**
 * The clusters that the settings name, at least one; what a directory needs and is not named is left empty.
 * @throws {CommandFailure} naming cluster and field
 */
export async function servedClusters(settings: Settings, flags: Flags): Promise<readonly ServedCluster[]> {
  if (!settings.clusters) return [served(settings, singleEntry(settings))];
  const twice = ["kubeconfig", "manifests", "out", "cluster"].find((flag) => flags[flag] !== undefined);
  if (twice) throw new CommandFailure(`--clusters: cannot be given together with --${twice}: the list says it for each cluster`);
  const entries = await readEntries(settings.clusters);
  return entries.map((entry) => served(settings, entry));
}

function singleEntry({ cluster, kubeconfig, manifests, out }: Settings): ClusterEntry {
  const connect: Connect = kubeconfig ? { type: "kubeconfig", path: kubeconfig } : { type: "directory", manifests, out };
  return { name: cluster, connect };
}

function served(settings: Settings, entry: ClusterEntry): ServedCluster {
  const { name, connect, cdsUrl, eventToken = settings.eventToken } = entry;
  const merged = settingsOf(entry, settings);
  const isReachable = connect.type === "directory" || merged.mode === "legacy" || merged.delivery === "configmap" || merged.isAdvertised;
  if (settings.clusters && !isReachable) {
    throw new CommandFailure(`--clusters: cluster ${name}: cdsUrl: pods must be told where they reach this server: give http://host:port`);
  }
  // What does not go together is told at the start, not when the cluster is opened.
  renderOptions(merged, cdsUrl ?? settings.configOrigin(), settings.tokenKeys === "" ? undefined : () => "");
  refuseDirectTls(merged, cdsUrl !== undefined);
  return { name, connect, settings: merged, eventToken, hasOrigin: cdsUrl !== undefined, configOrigin: (port) => cdsUrl ?? settings.configOrigin(port) };
}

/** stunnerd knows no TLS (spec/cds.md 1): it cannot be sent to a listener that speaks nothing else. @throws {CommandFailure} */
function refuseDirectTls({ cluster, mode, delivery, tlsCert, tlsKey, configOrigin }: Settings, hasOrigin: boolean): void {
  // An origin that follows the port is that of this listener.
  const isHere = !hasOrigin && configOrigin(1) !== configOrigin(2);
  if (tlsCert === "" || tlsKey === "" || mode === "legacy" || delivery !== "direct" || !isHere) return;
  throw new CommandFailure(`cluster ${cluster}: delivery: direct cannot be served with --tls-cert, since stunnerd knows no TLS: give proxy, pull or configmap`);
}

/** A list begins with a bracket; everything else is a path. */
async function readEntries(text: string): Promise<readonly ClusterEntry[]> {
  try {
    if (text.startsWith("[") || text.startsWith("{")) return parseClusters(text, "--clusters");
    return parseClusters(await readFile(text, "utf8"), `--clusters=${text}`);
  } catch (error) {
    if (error instanceof InvalidClusters) throw new CommandFailure(error.message, 2, error);
    throw new CommandFailure(`--clusters=${text}: ${reasonOf(error)}`, 2, error);
  }
}
