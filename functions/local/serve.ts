import { createDirectoryCluster } from "../../shared/apply/directory.ts";
import { followIndex } from "../../shared/cds/follow.ts";
import { createPublishedCache } from "../../shared/cds/publish.ts";
import { createCds } from "../../shared/cds/server.ts";
import { createMetrics } from "../../shared/metrics.ts";
import type { Settings } from "../../shared/settings.ts";
import { originOf } from "../../shared/settings/address.ts";
import { openLease } from "../../shared/store/lease.ts";
import { openStore } from "../../shared/store/open.ts";
import { tellServed, tellStart } from "./banner.ts";
import { firstAddress } from "./first-address.ts";
import { createHints } from "./hints.ts";
import { createHttp, listen } from "./http.ts";
import { leaseOptions } from "./lease-options.ts";
import type { Logger } from "./log.ts";
import { createLoop } from "./loop.ts";
import { createPasses } from "./passes.ts";
import { findPlaces } from "./places.ts";
import { renderOptions } from "./render-options.ts";
import { watchTree } from "./watch-tree.ts";

/** Editors and tools write in several steps: so long without a change, and at most so much patience. */
const QUIET_MS = 10;
const PATIENCE_MS = 200;
const RETRY_MS = 1000;
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

  const hints = createHints();
  const cluster = createDirectoryCluster({ ...places, now: Date.now, changed: hints.take });
  const passes = createPasses({
    ports: { store, cluster, cache: createPublishedCache(), lookup: firstAddress, now: Date.now, openLease: () => openLease(store, leaseOptions(clusterName)) },
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
  const { throttle, resync } = settings;
  const loop = createLoop({
    pass: passes.run, throttle, quiet: QUIET_MS, patience: PATIENCE_MS, resync, retry: RETRY_MS, onRequest: metrics.requested,
  });

  function onChange(path: string | undefined): void {
    if (path === undefined) hints.addAll();
    else hints.add(path);
    loop.request();
  }
  function onUnwatched(directory: string, error: unknown): void {
    log.warn({ err: error }, `${directory} cannot be watched: changes there are seen every ${resync / 1000} s`);
  }
  const watches = [places.manifests, places.out].map((directory) => watchTree(directory, onChange, onUnwatched));
  // Watching may miss something: now and then everything is read.
  const complete = setInterval(hints.addAll, resync);
  const heart = setInterval(() => metrics.idle(Date.now()), HEARTBEAT_MS);

  tellStart(log, origin, places);
  await Promise.all([source.start(), ...watches.map(({ ready }) => ready)]);
  loop.request();

  return async () => {
    for (const watch of watches) watch.close();
    clearInterval(complete);
    clearInterval(heart);
    await loop.close();
    if (settings.finalizer && settings.mode === "managed") await passes.finalize();
    source.stop();
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    await cds.close();
    server.closeAllConnections();
    await closed;
  };
}
