import { lookup } from "node:dns/promises";
import { createDirectoryCluster } from "../../shared/apply/directory.ts";
import type { Cluster } from "../../shared/apply/cluster.ts";
import { followIndex } from "../../shared/cds/follow.ts";
import { collectGarbage, createPublishedCache } from "../../shared/cds/publish.ts";
import { createCds } from "../../shared/cds/server.ts";
import { createMetrics } from "../../shared/metrics.ts";
import { reconcile } from "../../shared/reconcile.ts";
import type { Pass } from "../../shared/reconcile.ts";
import { finalized } from "../../shared/reconcile/finalize.ts";
import type { Settings } from "../../shared/settings.ts";
import { originOf } from "../../shared/settings/address.ts";
import { openStore } from "../../shared/store/open.ts";
import { createHttp, listen } from "./http.ts";
import type { Logger } from "./log.ts";
import { createLoop } from "./loop.ts";
import { packageVersion } from "./package.ts";
import { findPlaces } from "./places.ts";
import type { Places } from "./places.ts";
import { renderOptions } from "./render-options.ts";
import { createReporter } from "./reporter.ts";
import { watchTree } from "./watch-tree.ts";

/** Editors and tools write in several steps: so many milliseconds without a change, and at most so many of patience. */
const QUIET_MS = 10;
const PATIENCE_MS = 200;
const RETRY_MS = 1000;
const HEARTBEAT_MS = 5000;
const COLLECT_EVERY_MS = 10 * 60 * 1000;
const LOOKUP_MS = 2000;

/**
 * Everything in one process (DESIGN.md 4.1). Resolves when it listens and watches; what it resolves to stops it.
 * @throws {CommandFailure} where it cannot start
 */
export async function serve(settings: Settings, log: Logger): Promise<() => Promise<void>> {
  for (const note of settings.notes) log.warn(note);
  const places = await findPlaces(settings);
  const store = openStore(places.store);
  const source = followIndex(store, settings.cluster, { onError: (error) => log.warn({ err: error }, "the store cannot be followed; what was served is still served") });
  const cds = createCds({ source, log });
  const metrics = createMetrics(() => cds.stats().watchers, Math.round(performance.timeOrigin / 1000));
  const report = createReporter(log);
  let unready: string | undefined = "the first pass has not ended yet";
  const server = createHttp({ cds, unready: () => unready ?? (source.ready ? undefined : "the store could not be read yet"), metrics: metrics.text });
  const port = await listen(server, settings.listen);
  await source.start();

  const ports = {
    store,
    cluster: createDirectoryCluster({ manifests: places.manifests, out: places.out, now: Date.now }),
    cache: createPublishedCache(),
    lookup: firstAddress,
    now: Date.now,
  };
  const options = {
    clusterName: settings.cluster,
    render: renderOptions(settings, settings.configOrigin(port)),
    releaseAfter: settings.releaseAfter,
    allowMassDelete: settings.allowMassDelete,
    fence: 0,
  };
  let passes = 0;
  let collected = Date.now();

  async function pass(): Promise<boolean> {
    passes += 1;
    metrics.started(passes, Date.now());
    const done = await reconcile(ports, options);
    metrics.finished(passes, done.report, Date.now());
    report(done);
    unready = done.report.outcome === "failed" ? unready : undefined;
    if (passes === 1) tellServed(log, settings, port, done);
    if (Date.now() - collected > COLLECT_EVERY_MS) await collect();
    return done.report.outcome === "done" || done.report.outcome === "stopped";
  }

  async function collect(): Promise<void> {
    collected = Date.now();
    await collectGarbage(store, { cluster: settings.cluster, now: collected }).catch((error: unknown) => log.warn({ err: error }, "old configurations could not be deleted"));
  }

  const loop = createLoop({
    pass, throttle: settings.throttle, quiet: QUIET_MS, patience: PATIENCE_MS, resync: settings.resync, retry: RETRY_MS, onRequest: metrics.requested,
  });
  const cannotWatch = (directory: string, error: unknown): void => log.warn({ err: error }, `${directory} cannot be watched: its changes are seen every ${settings.resync} ms`);
  const watches = [places.manifests, places.out].map((directory) => watchTree(directory, loop.request, cannotWatch));
  const heart = setInterval(() => metrics.idle(Date.now()), HEARTBEAT_MS);
  tellStart(log, settings, places, port);
  loop.request();

  return async () => {
    for (const watch of watches) watch.close();
    clearInterval(heart);
    await loop.close();
    if (settings.finalizer && settings.mode === "managed") report(await finalize(ports.cluster));
    source.stop();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await cds.close();
    server.closeAllConnections();
    await closed;
  };

  /** `--enable-finalizer`: every dataplane of ours goes, and the statuses say why. */
  function finalize(cluster: Cluster): Promise<Pass> {
    const render = { ...options.render, onInvalid: "teardown" as const };
    return reconcile({ ...ports, cluster: finalized(cluster) }, { ...options, render, allowMassDelete: true });
  }
}

async function firstAddress(name: string): Promise<string> {
  const late = AbortSignal.timeout(LOOKUP_MS);
  const expired = new Promise<never>((_, reject) => late.addEventListener("abort", () => reject(late.reason as Error)));
  const { address } = await Promise.race([lookup(name), expired]);
  return address;
}

function tellStart(log: Logger, { listen: { host } }: Settings, { manifests, out, store }: Places, port: number): void {
  const origin = originOf({ host, port });
  log.info(`stunner-serverless ${packageVersion()}`);
  log.info(`manifests  ${manifests}`);
  log.info(`objects and statuses  ${out}`);
  log.info(`store  ${store}`);
  log.info(`configurations  ${origin}/api/v1/configs`);
  log.info(`health ${origin}/healthz, readiness ${origin}/readyz, metrics ${origin}/metrics`);
}

function tellServed(log: Logger, { listen: { host } }: Settings, port: number, { report }: Pass): void {
  const config = report.changes.find(({ object, operation }) => object.startsWith("config ") && operation !== "deleted");
  if (config) log.info(`try: curl ${originOf({ host, port })}/api/v1/configs/${config.object.slice("config ".length)}`);
}
