import { cp, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Cluster } from "../../shared/apply/cluster.ts";
import { createDirectoryCluster } from "../../shared/apply/directory.ts";
import type { Accounting } from "../../shared/kube/accounting.ts";
import type { Keep } from "../../shared/reconcile/keep.ts";
import type { Settings } from "../../shared/settings.ts";
import type { LiveState } from "../../shared/state/live/load.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { CommandFailure } from "./fail.ts";
import { findPlaces } from "./places.ts";

/** A cluster for one command. */
export interface OpenCluster {
  readonly cluster: Cluster;
  readonly accounting?: Accounting;
  readonly keep?: Keep | undefined;
  /** Has every load told; absent where there is no API server. */
  onLoad?(tell: (live: LiveState) => void): void;
  close(): Promise<void>;
}

export interface HowToOpen {
  /** What earlier passes left there is known. */
  readonly store: ObjectStore;
  /** What is written is judged and not kept. */
  readonly dryRun?: boolean;
  /** Whatever any mode and delivery may have made is looked for. */
  readonly everything?: boolean;
}

/**
 * The cluster that the settings name, an API server or two directories.
 * @throws {CommandFailure} naming the setting
 */
export async function openCluster(settings: Settings, { store, ...how }: HowToOpen): Promise<OpenCluster> {
  if (settings.kubeconfig) {
    // The Kubernetes client is large and only loaded where it is used.
    const { openApiCluster } = await import("./open-api-cluster.ts");
    return openApiCluster(settings, store, how);
  }
  if (!settings.manifests || !settings.out) throw new CommandFailure("say which cluster is meant: --kubeconfig=FILE, or --manifests=DIR and --out=DIR");
  return how.dryRun ? openCopy(settings) : openDirectory(settings, settings.out);
}

async function openDirectory(settings: Settings, out: string): Promise<OpenCluster> {
  const places = await findPlaces({ manifests: settings.manifests, out, store: "memory:" });
  return { cluster: createDirectoryCluster({ ...places, now: Date.now }), close: places.discard };
}

/** What would be written is written to a copy. */
async function openCopy(settings: Settings): Promise<OpenCluster> {
  const scratch = await mkdtemp(join(tmpdir(), "stunner-serverless-"));
  const discard = (): Promise<void> => rm(scratch, { recursive: true, force: true });
  try {
    const out = join(scratch, "out");
    const isThere = await stat(resolve(settings.out)).then(() => true, () => false);
    if (isThere) {
      await findPlaces({ manifests: settings.manifests, out: settings.out, store: "memory:" });
      await cp(resolve(settings.out), out, { recursive: true });
    }
    return { ...(await openDirectory(settings, out)), close: discard };
  } catch (error) {
    await discard();
    throw error;
  }
}
