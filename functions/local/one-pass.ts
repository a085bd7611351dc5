import { setTimeout as wait } from "node:timers/promises";
import type { Cluster } from "../../shared/apply/cluster.ts";
import { createPublishedCache, loadPublished } from "../../shared/cds/publish.ts";
import { reconcile } from "../../shared/reconcile.ts";
import type { Pass, Ports, ReconcileOptions } from "../../shared/reconcile.ts";
import type { StunnerdConfig } from "../../shared/resources/stunnerd-config.ts";
import type { Settings } from "../../shared/settings.ts";
import { openLease, type Lease } from "../../shared/store/lease.ts";
import { openStore } from "../../shared/store/open.ts";
import { firstAddress } from "./first-address.ts";
import { leaseOptions } from "./lease-options.ts";
import { openCluster } from "./open-cluster.ts";
import { createRecording, type Differences } from "./recording.ts";
import { renderOptions } from "./render-options.ts";
import { createScratchStore } from "./scratch-store.ts";

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
  readonly adapt?: (cluster: Cluster) => Cluster;
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
  const real = openStore(settings.store || "memory:");
  const store = dryRun ? createScratchStore(real) : real;
  const opened = await openCluster(settings, dryRun);
  try {
    const before = await loadPublished(real, settings.cluster);
    const recording = createRecording(adapt ? adapt(opened.cluster) : opened.cluster);
    const ports: Ports = {
      store,
      cluster: recording.cluster,
      accounting: opened.accounting,
      // A cluster that seems to be another than it is says nothing of what is referred to.
      keep: adapt ? undefined : opened.keep,
      cache: createPublishedCache(),
      lookup: firstAddress,
      now: Date.now,
      openLease: dryRun ? openNoLease : () => openLease(store, leaseOptions(settings.cluster)),
    };
    const pass = await untilFree(() => reconcile(ports, {
      clusterName: settings.cluster,
      render: { ...renderOptions(settings, settings.configOrigin()), ...render },
      releaseAfter: settings.releaseAfter,
      allowMassDelete: settings.allowMassDelete,
      drift: settings.drift,
      ...options,
    }));
    return { ...pass, differences: recording.differences, unread: recording.unread(), before, after: await loadPublished(store, settings.cluster) };
  } finally {
    await opened.close();
  }
}

/** Nothing of it stays, so nobody has to be kept out. */
async function openNoLease(): Promise<Lease> {
  return { acquire: async () => Number.MAX_SAFE_INTEGER, release: async () => undefined };
}

/** A pass that met another one has written nothing, and is made again. */
async function untilFree(pass: () => Promise<Pass>): Promise<Pass> {
  for (const delay of PATIENCE_MS) {
    const done = await pass();
    if (done.report.outcome !== "failed" || !["lease-held", "lease-lost"].includes(done.report.error?.code ?? "")) return done;
    await wait(delay);
  }
  return pass();
}

