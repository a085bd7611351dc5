import { createAdmission } from "../../shared/admission/admission.ts";
import { createSnapshotKeeper, keepBoth } from "../../shared/admission/keep-snapshot.ts";
import type { Judge } from "../../shared/admission/verdict.ts";
import type { Keep } from "../../shared/reconcile/keep.ts";
import type { RenderOptions } from "../../shared/render/result.ts";
import type { Settings } from "../../shared/settings.ts";
import type { LiveState } from "../../shared/state/live/load.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import type { Logger } from "./log.ts";

/** Judges the writes of a cluster, and leaves behind each pass what they are judged by. */
export interface ClusterAdmission {
  readonly judge: Judge;
  /** To be told of every load. */
  loaded(live: LiveState): void;
  /** What is kept after a pass, and the snapshot. */
  keep(others: Keep | undefined): Keep;
  /** Looks at what an earlier process left. */
  start(): Promise<void>;
}

/** Undefined where nothing is to be judged. */
export function clusterAdmission(
  { admission: mode, cluster }: Pick<Settings, "admission" | "cluster">,
  store: ObjectStore,
  options: Omit<RenderOptions, "published" | "released" | "now">,
  log: Logger,
): ClusterAdmission | undefined {
  if (mode === "off") return undefined;
  const render = { ...options, published: new Map(), released: new Set<string>(), now: Date.now() };
  const admission = createAdmission({
    store, cluster, mode, render, now: () => performance.now(),
    onError: (error) => log.warn({ err: error }, "writes are not judged, or by what was known before"),
  });
  const keeper = createSnapshotKeeper(store, cluster, render, (error) => log.warn({ err: error }, "what writes are judged by could not be stored"));
  const keep: Keep = async (permit) => {
    const kept = await keeper.keep(permit);
    // What this very process has found out counts at once.
    await admission.look();
    return kept;
  };
  return { judge: admission.judge, loaded: keeper.loaded, keep: (others) => keepBoth(others, keep), start: admission.look };
}
