import { createSnapshotKeeper, keepBoth } from "../../shared/admission/keep-snapshot.ts";
import type { Keep } from "../../shared/reconcile/keep.ts";
import type { RenderOptions } from "../../shared/render/result.ts";
import type { Settings } from "../../shared/settings.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import type { OpenCluster } from "./open-cluster.ts";

/**
 * What one pass keeps, and with it what writes are judged by (docs/admission.md): whoever judges them, a function or another
 * process on the same store, may have no other pass to learn from.
 */
export function keepSnapshot(
  { admission, cluster, store: url }: Pick<Settings, "admission" | "cluster" | "store">,
  store: ObjectStore,
  { keep, onLoad }: Pick<OpenCluster, "keep" | "onLoad">,
  render: Omit<RenderOptions, "published" | "released" | "now">,
): Keep | undefined {
  if (admission === "off" || url === "" || !onLoad) return keep;
  const options = { ...render, published: new Map(), released: new Set<string>(), now: Date.now() };
  const keeper = createSnapshotKeeper(store, cluster, options, (error) => {
    process.stderr.write(`what writes are judged by could not be stored: ${error instanceof Error ? error.message : String(error)}\n`);
  });
  onLoad(keeper.loaded);
  return keepBoth(keep, keeper.keep);
}
