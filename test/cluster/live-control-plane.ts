import { createApiCluster } from "../../shared/apply/live/api-cluster.ts";
import { createPublishedCache, loadPublished } from "../../shared/cds/publish.ts";
import { createServedCache } from "../../shared/events/served-cache.ts";
import type { KubeClient } from "../../shared/kube/client.ts";
import { withRetries, type RetryClock, type RetryPolicy } from "../../shared/kube/retry.ts";
import { reconcile, type Report } from "../../shared/reconcile.ts";
import type { StunnerdConfig } from "../../shared/resources/stunnerd-config.ts";
import { discover } from "../../shared/state/live/discovery.ts";
import { openLease } from "../../shared/store/lease.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { RENDER_SETTINGS, type RenderSettings } from "../support/render-settings.ts";
import { kubeClient } from "./events-support.ts";
import { whichOf } from "./live-delivery.ts";

/** The control plane on a real API server, pass by pass, in this process. */
export interface LiveControlPlane {
  /** One pass. @throws what a pass failed with */
  pass(): Promise<Report>;
  /** Passes until one writes nothing, writes that fail aside. @throws after ten */
  settle(): Promise<Report>;
  /** What is served, by `namespace/name`. */
  published(): Promise<ReadonlyMap<string, StunnerdConfig>>;
  close(): void;
}

const NAME = "test";
const MOST_PASSES = 10;
/** Milliseconds. */
export const LEASE = 60_000;

export interface ControlPlaneOptions {
  readonly render?: RenderSettings;
  /** What goes is let go at once, as under `--upstream-compat`. */
  readonly compat?: boolean;
  readonly store?: ObjectStore;
  /** What becomes of drift, asked at every pass; `correct` where it is absent. */
  readonly drift?: () => "correct" | "report";
  /** Milliseconds by which the lease's clock is ahead: past the lease of one that died. Asked at every pass. */
  readonly later?: () => number;
  /** Each pass looks up anew which kinds are served. */
  readonly forgets?: boolean;
  readonly retries?: { readonly policy: RetryPolicy; readonly clock: RetryClock };
  /** Puts something between the control plane and the API server, inside of retries. */
  readonly around?: (client: KubeClient) => KubeClient;
}

export function createControlPlane(kubeconfig: string, options: ControlPlaneOptions = {}): LiveControlPlane {
  const { render = RENDER_SETTINGS, compat = false, store = createMemoryStore(), later = () => 0, around = (client) => client, retries, forgets, drift = () => "correct" } = options;
  const transport = kubeClient(kubeconfig);
  const client = withRetries(around(transport), retries?.policy, retries?.clock);
  const { controllerName, mode, endpointDiscovery, endpointSlices } = render;
  const served = createServedCache(() => discover(client));
  const known = { discover: forgets ? () => discover(client) : served.get, now: Date.now };
  const ports = {
    cluster: createApiCluster({ controllerName, mode, endpointDiscovery, endpointSlices, client, ...whichOf(render.delivery), ...known }),
    store,
    cache: createPublishedCache(),
    lookup: (name: string) => Promise.reject(new Error(`${name} is not looked up in tests`)),
    now: Date.now,
    openLease() {
      const ahead = later();
      return openLease(store, { cluster: NAME, holder: "test", duration: LEASE, now: () => Date.now() + ahead });
    },
  };
  const settings = { clusterName: NAME, render, releaseAfter: compat ? 0 : 600_000, allowMassDelete: compat };
  const pass = async (): Promise<Report> => {
    const { report, cause } = await reconcile(ports, { ...settings, drift: drift() });
    if (report.outcome === "failed") throw cause;
    return report;
  };
  return {
    pass,
    async settle() {
      for (let passes = 1; passes <= MOST_PASSES; passes += 1) {
        const report = await pass();
        if (report.changes.every(({ operation }) => operation === "failed") && passes > 1) return report;
      }
      throw new Error(`not settled after ${MOST_PASSES} passes`);
    },
    published: () => loadPublished(store, NAME),
    close: () => transport.close(),
  };
}
