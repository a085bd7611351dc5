import type { ConfigEntry } from "../cds/source.ts";
import { readConfig, type IceConfig } from "./read-config.ts";

/**
 * Reads published configurations, each once: what is kept of one is small, and goes with it. Order as given; what stunnerd
 * would refuse is left out.
 */
export function createEntryReader(): (entries: Iterable<ConfigEntry>) => IceConfig[] {
  const known = new WeakMap<ConfigEntry, { readonly config: IceConfig | undefined }>();
  return (entries) =>
    [...entries].flatMap((entry) => {
      const read = known.get(entry) ?? { config: parse(entry.text) };
      known.set(entry, read);
      return read.config ?? [];
    });
}

function parse(text: Buffer): IceConfig | undefined {
  try {
    return readConfig(JSON.parse(text.toString()));
  } catch {
    return undefined;
  }
}
