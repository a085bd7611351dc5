import { followIndex } from "../../shared/cds/follow.ts";
import { createPublishedCache } from "../../shared/cds/publish.ts";
import { createCds } from "../../shared/cds/server.ts";
import { createMetrics } from "../../shared/metrics.ts";
import type { Settings } from "../../shared/settings.ts";
import { originOf } from "../../shared/settings/address.ts";
import { openLease } from "../../shared/store/lease.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { openStore } from "../../shared/store/open.ts";
import { tellServed, tellStart } from "./banner.ts";
import { firstAddress } from "./first-address.ts";
import { createHttp, listen } from "./http.ts";
import { leaseOptions } from "./lease-options.ts";
import { createDirectorySource } from "./directory-source.ts";
import type { Logger } from "./log.ts";
import { createPasses } from "./passes.ts";
import { findPlaces, type Places } from "./places.ts";
import { renderOptions } from "./render-options.ts";
import type { Source, SourceContext } from "./source.ts";

const HEARTBEAT_MS = 5000;

/**
 * Everything in one process (DESIGN.md 4.1). Resolves when it listens and watches; what it resolves to stops it.
 * @throws {CommandFailure} where it cannot start
 */
export async function serve(settings: Settings, log: Logger): Promise<() => Promise<void>> {
  for (const note of settings.notes) log.warn(note);
  const { cluster: clusterName, listen: address } = settings;
  const places = await findPlaces(settings);
  const store = openStore(places.store);
  const source = followIndex(store, clusterName, { onError: (error) => log.warn({ err: error }, "the store cannot be followed; what was served is still served") });
  const cds = createCds({ source, log });
  const metrics = createMetrics(() => cds.stats().watchers, Math.round(performance.timeOrigin / 1000));
  const server = createHttp({
    cds,
    metrics: metrics.text,
    unready: () => passes.unready() ?? (source.ready ? undefined : "the object store could not be read yet"),
  });
  const port = await listen(server, address).catch(async (error: unknown) => {
    await places.discard();
    throw error;
  });
  const origin = originOf({ host: address.host, port });

  const context: SourceContext = {
    pass: async () => ({ again: !(await passes.run()) }),
    throttle: settings.throttle,
    resync: settings.resync,
    onRequest: metrics.requested,
    warn: (message, error) => log.warn({ err: error }, message),
  };
  const cluster = await openSource(settings, places, store, context);
  const passes = createPasses({
    ports: {
      store, cluster: cluster.cluster, cache: createPublishedCache(), lookup: firstAddress, now: Date.now,
      openLease: () => openLease(store, leaseOptions(clusterName)),
    },
    options: {
      clusterName,
      render: renderOptions(settings, settings.configOrigin(port)),
      releaseAfter: settings.releaseAfter,
      allowMassDelete: settings.allowMassDelete,
      drift: settings.drift,
    },
    metrics,
    log,
    onFirst: (pass) => tellServed(log, origin, pass),
  });
  const heart = setInterval(() => metrics.idle(Date.now()), HEARTBEAT_MS);

  tellStart(log, origin, [...cluster.described, ["object store", places.store]]);
  await source.start();
  await cluster.start();

  return async () => {
    clearInterval(heart);
    await cluster.close();
    if (settings.finalizer && settings.mode === "managed") await passes.finalize();
    source.stop();
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    await cds.close();
    server.closeAllConnections();
    await closed;
  };
}

/** The Kubernetes client is large and only loaded where it is used. */
async function openSource(settings: Settings, places: Places, store: ObjectStore, context: SourceContext): Promise<Source> {
  if (!settings.kubeconfig) return createDirectorySource(places, context);
  const { createApiSource } = await import("./api-source.ts");
  return createApiSource(settings, store, context);
}
