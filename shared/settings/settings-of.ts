import type { Settings } from "../settings.ts";
import type { ClusterEntry } from "./clusters.ts";

/** The settings as they hold for one of several clusters: what it does not say is as in those of the process. */
export function settingsOf({ name, connect: _connect, cdsUrl, ...own }: ClusterEntry, settings: Settings): Settings {
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  const merged: Settings = { ...settings, ...given, cluster: name, isAdvertised: settings.isAdvertised || cdsUrl !== undefined };
  return cdsUrl === undefined ? merged : { ...merged, configOrigin: () => cdsUrl };
}
