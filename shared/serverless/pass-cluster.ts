import { randomUUID } from "node:crypto";
import type { Access } from "../access/access.ts";
import { createSnapshotKeeper, keepBoth } from "../admission/keep-snapshot.ts";
import { createApiCluster } from "../apply/live/api-cluster.ts";
import { createPublishedCache } from "../cds/load-published.ts";
import { openKube } from "../connect/open-kube.ts";
import { createRefsKeeper } from "../events/refs-keeper.ts";
import { createWebhookKeeper } from "../events/webhook-keeper.ts";
import { withAccounting } from "../kube/accounting.ts";
import { withRetries } from "../kube/retry.ts";
import { withSignal } from "../kube/with-signal.ts";
import type { Pass } from "../reconcile.ts";
import { firstAddress } from "../reconcile/first-address.ts";
import { passUnlessTornDown } from "../reconcile/torn-down.ts";
import { renderOptionsOf } from "../settings/render-options.ts";
import { discover } from "../state/live/discovery.ts";
import type { LiveState } from "../state/live/load.ts";
import { openLease } from "../store/lease.ts";
import type { FunctionCluster } from "./cluster-list.ts";
import type { Context } from "./context.ts";
import { type Deadline, hurry } from "./deadline.ts";

/** A cluster over which passes are made, one after the other. */
export interface PassCluster {
  /** Never rejects but on what must not happen. @returns the pass, and whether time ran out */
  pass(deadline: Deadline): Promise<Pass & { readonly isCut: boolean }>;
  close(): void;
}

/** So long a function that was ended in the middle keeps others out. */
const LEASE_MS = 20_000;

/**
 * What an instance keeps of a cluster between passes: connections, what was loaded, what is published. All of it is checked
 * against its source by each pass, since other instances make passes too.
 * @throws {InvalidConnection} @throws {InvalidDelivery}
 */
export function openPassCluster({ name, connect, settings }: FunctionCluster, access: Access, { store, log, now }: Context): PassCluster {
  const { controllerName, mode, endpointDiscovery, endpointSlices, delivery, deliveryObject, allowMassDelete } = settings;
  const render = renderOptionsOf(settings, { url: settings.configOrigin(), ca: settings.cdsCa, token: (gateway) => access.configToken(name, gateway) });
  const { client: transport } = openKube(connect, `cluster ${name}: path`);
  const accounting = withAccounting(transport);
  const retrying = withRetries(accounting.client);
  // Of the pass that runs; there is one at a time.
  let signal = new AbortController().signal;
  const client = { ...retrying, request: (request: Parameters<typeof retrying.request>[0]) => withSignal(retrying, signal).request(request) };
  const webhook = createWebhookKeeper({ client, cluster: name, now, isExpected: settings.eventToken !== "" });
  const cache = createPublishedCache();
  const holder = `function ${randomUUID()}`;
  const refs = createRefsKeeper({ store, cluster: name, controllerName, onError: (error) => log.warn("what the cluster refers to could not be stored", { cluster: name, err: error }) });
  let loaded: LiveState | undefined;
  const cluster = createApiCluster({
    controllerName, mode, endpointDiscovery, endpointSlices, delivery, deliveryObject, allowMassDelete, client, now,
    discover: () => discover(client),
    knownKinds: refs.knownKinds,
    async onLoad(live, permit) {
      loaded = live;
      webhook.loaded(live.references);
      await refs.loaded(live, permit);
    },
  });

  return {
    async pass(deadline) {
      signal = AbortSignal.timeout(Math.max(1, deadline.hard - now()));
      loaded = undefined;
      // Its memory of what is stored would be of this instance alone.
      const snapshots = createSnapshotKeeper(store, name, { ...render, published: new Map(), released: new Set(), now: now() }, (error) =>
        log.warn("what writes are judged by could not be stored", { cluster: name, err: error }));
      const keep = settings.admission === "off" ? webhook.keep : keepBoth(webhook.keep, async (permit) => {
        if (loaded) snapshots.loaded(loaded);
        return snapshots.keep(permit);
      });
      const hurried = hurry(cluster, keep, deadline, now);
      const ports = {
        store, cluster: hurried.cluster, keep: hurried.keep, accounting, cache, lookup: firstAddress, now,
        openLease: () => openLease(store, { cluster: name, holder, duration: LEASE_MS, now }),
      };
      const { releaseAfter, drift } = settings;
      const pass = await passUnlessTornDown(ports, { clusterName: name, render, releaseAfter, allowMassDelete, drift });
      return { ...pass, isCut: hurried.isCut() };
    },
    close: transport.close,
  };
}
