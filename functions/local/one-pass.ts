import { setTimeout as wait } from "node:timers/promises";
import type { Cluster } from "../../shared/apply/cluster.ts";
import { createPublishedCache, loadPublished } from "../../shared/cds/publish.ts";
import { reconcile } from "../../shared/reconcile.ts";
import type { Pass, Ports, ReconcileOptions } from "../../shared/reconcile.ts";
import { passUnlessTornDown } from "../../shared/reconcile/torn-down.ts";
import type { Change } from "../../shared/reconcile/report.ts";
import type { StunnerdConfig } from "../../shared/resources/stunnerd-config.ts";
import type { Settings } from "../../shared/settings.ts";
import { type Lease, LeaseHeld, openLease } from "../../shared/store/lease.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { openStore } from "../../shared/store/open.ts";
import { firstAddress } from "../../shared/reconcile/first-address.ts";
import { LEASE_MS, leaseOptions } from "./lease-options.ts";
import { openCluster } from "./open-cluster.ts";
import { keepSnapshot } from "./keep-snapshot.ts";
import { createRecording, type Differences } from "./recording.ts";
import { renderOptions } from "./render-options.ts";
import { createScratchStore } from "./scratch-store.ts";
import { gatewayTokens } from "./token-keys.ts";

export interface OnePass extends Pass {
  readonly differences: Differences;
  /** What could not be read. */
  readonly unread: readonly string[];
  /** Configurations that were served before and that are served after, by `namespace/name`. */
  readonly before: ReadonlyMap<string, StunnerdConfig>;
  readonly after: ReadonlyMap<string, StunnerdConfig>;
}

export interface HowToPass {
  /** Neither the cluster nor the store keeps anything of it. */
  readonly dryRun: boolean;
  /** Absent: an ordinary pass, which does nothing where the cluster was torn down. */
  readonly adapt?: (cluster: Cluster, store: ObjectStore) => Cluster;
  readonly options?: Partial<Pick<ReconcileOptions, "allowMassDelete" | "releaseAfter">>;
  readonly render?: Partial<ReconcileOptions["render"]>;
}

/** Waits for another pass to end, in milliseconds, one after the other. */
const PATIENCE_MS = [200, 500, 1000, 2000];

/**
 * One pass over the cluster that the settings name.
 * @throws {CommandFailure} naming the setting that cannot be used
 * @throws {StoreError} @throws {CorruptIndex}
 */
export async function onePass(settings: Settings, { dryRun, adapt, options, render }: HowToPass): Promise<OnePass> {
  const token = await gatewayTokens(settings);
  const real = openStore(settings.store || "memory:");
  const store = dryRun ? createScratchStore(real) : real;
  const opened = await openCluster(settings, { store, dryRun, everything: adapt !== undefined });
  try {
    const before = await loadPublished(real, settings.cluster);
    const rendering = { ...renderOptions(settings, settings.configOrigin(), token), ...render };
    const recording = createRecording(adapt ? adapt(opened.cluster, store) : opened.cluster);
    const ports: Ports = {
      store,
      cluster: recording.cluster,
      accounting: opened.accounting,
      // A cluster that seems to be another than it is says nothing of what is referred to.
      keep: adapt ? undefined : dryRun ? opened.keep : keepSnapshot(settings, store, opened, rendering),
      cache: createPublishedCache(),
      lookup: firstAddress,
      now: Date.now,
      openLease: dryRun ? openNoLease : () => openLease(store, leaseOptions(settings.cluster)),
    };
    const run = adapt ? reconcile : passUnlessTornDown;
    const pass = await untilFree(() => run(ports, {
      clusterName: settings.cluster,
      render: rendering,
      releaseAfter: settings.releaseAfter,
      allowMassDelete: settings.allowMassDelete,
      drift: settings.drift,
      ...options,
    }), dryRun);
    return { ...pass, differences: recording.differences, unread: recording.unread(), before, after: await loadPublished(store, settings.cluster) };
  } finally {
    await opened.close();
  }
}

const largest = async (): Promise<number> => Number.MAX_SAFE_INTEGER;

/** Nothing of it stays, so nobody has to be kept out. */
async function openNoLease(): Promise<Lease> {
  return { acquire: largest, fence: largest, followsUnended: false, release: async () => undefined };
}

/**
 * A pass that met another one, or changes of others, is made again; what it has done belongs to the report of the last one. The
 * lease of one that has died elsewhere is waited for.
 */
async function untilFree(pass: () => Promise<Pass>, dryRun: boolean): Promise<Pass> {
  let before: readonly Change[] = [];
  for (let tries = 0; ; tries += 1) {
    const done = await pass();
    const changes = [...before, ...done.report.changes];
    const pause = pauseAfter(done, tries);
    if (pause === undefined) return { ...done, report: { ...done.report, changes } };
    if (!dryRun) before = changes.filter(({ operation }) => operation !== "failed");
    await wait(pause);
  }
}

/** Undefined: it stays as it is. */
function pauseAfter({ cause, isStale }: Pass, tries: number): number | undefined {
  const isHeld = cause instanceof LeaseHeld;
  if (!isStale && !isHeld) return undefined;
  if (tries < PATIENCE_MS.length || !isHeld) return PATIENCE_MS[tries];
  const left = cause.until - Date.now();
  return tries === PATIENCE_MS.length && left < LEASE_MS ? Math.max(left, 0) : undefined;
}
