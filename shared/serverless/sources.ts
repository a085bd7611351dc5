import { createIndexSource, type IndexSource } from "./index-source.ts";
import type { Context } from "./context.ts";

/** What is published of each cluster, as far as this instance was asked for it. */
export function createSources({ store, log, now }: Pick<Context, "store" | "log" | "now">): (cluster: string) => IndexSource {
  const sources = new Map<string, IndexSource>();
  return (cluster) => {
    const known = sources.get(cluster);
    if (known) return known;
    const onError = (error: unknown): void => log.warn("what is published cannot be read; what was served before is still served", { cluster, err: error });
    const source = createIndexSource(store, cluster, { now, onError });
    sources.set(cluster, source);
    return source;
  };
}
