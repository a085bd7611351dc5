import type { Access } from "../../shared/access/access.ts";
import { type Judge, NOTHING_TO_SAY } from "../../shared/admission/verdict.ts";
import { followIndex } from "../../shared/cds/follow.ts";
import { createGuard } from "../../shared/cds/guard.ts";
import { createPublishedCache } from "../../shared/cds/publish.ts";
import { createCds, type Cds } from "../../shared/cds/server.ts";
import type { ConfigSource } from "../../shared/cds/source.ts";
import type { Change } from "../../shared/events/change.ts";
import { createMetrics } from "../../shared/metrics.ts";
import type { GatewayIdentity } from "../../shared/resources/delivery.ts";
import { openLease } from "../../shared/store/lease.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { tellServed } from "./banner.ts";
import { clusterAdmission, type ClusterAdmission } from "./cluster-admission.ts";
import { CommandFailure } from "./fail.ts";
import { firstAddress } from "../../shared/reconcile/first-address.ts";
import { leaseOptions } from "./lease-options.ts";
import type { Logger } from "./log.ts";
import { openSource } from "./open-source.ts";
import { createPasses, type Passes } from "./passes.ts";
import { renderOptions } from "./render-options.ts";
import { createRetry } from "./retry-start.ts";
import type { ServedCluster } from "./served-clusters.ts";
import type { Source, SourceContext } from "./source.ts";

/** One of the clusters of a process: its source, its passes, what it serves. */
export interface ClusterRunner {
  readonly name: string;
  /** What it serves under `/c/<cluster>`, and first, where it is the first of them, without that. */
  readonly cds: readonly Cds[];
  /** The configurations that it serves. */
  readonly configs: ConfigSource;
  /** What is said of it at the start of the log. */
  described(): Source["described"];
  /** Undefined: ready; else why not. */
  unready(): string | undefined;
  metrics(): string;
  /** Still alive. @param now milliseconds since the epoch */
  beat(now: number): void;
  /** Something of it has changed; nothing comes of it where its source looks for itself. */
  offer(change: Change): void;
  /** Asks for a pass: something else has changed than the cluster. */
  request(): void;
  /** What is thought of a write to it. */
  readonly judge: Judge;
  /**
   * Opens the source. One of several clusters that cannot be opened is told of and tried again.
   * @param port that CDS listens on
   * @throws {CommandFailure} it is the only one
   */
  open(port: number): Promise<void>;
  /** Begins to look, once it is open. */
  start(port: number): Promise<void>;
  /** Ends what it does; what it serves is served until `closeCds`. */
  stop(): Promise<void>;
  closeCds(): Promise<void>;
}

export interface RunnerOptions {
  readonly cluster: ServedCluster;
  readonly store: ObjectStore;
  /** Host of CDS for people: `http://host:port` of a port. */
  readonly origin: (port: number) => string;
  /** Undefined: everybody may see everything. */
  readonly access?: Access | undefined;
  readonly isFirst: boolean;
  readonly isOnly: boolean;
  readonly log: Logger;
}

interface Opened {
  readonly source: Source;
  readonly passes: Passes;
  readonly admission: ClusterAdmission | undefined;
}

export function createClusterRunner({ cluster, store, origin, access, isFirst, isOnly, log }: RunnerOptions): ClusterRunner {
  const { name, settings } = cluster;
  const index = followIndex(store, name, { onError: (error) => log.warn({ err: error }, "the store cannot be followed; what was served is still served") });
  const prefix = `/c/${name}`;
  const guard = access && createGuard(access, name, index);
  const pollSeconds = settings.pollInterval / 1000;
  const cds = ["", prefix].filter((one) => isFirst || one !== "").map((one) => createCds({ source: index, prefix: one, log, guard, pollSeconds }));
  const token = access && ((gateway: GatewayIdentity): string => access.configToken(name, gateway));
  const watchers = (): number => cds.reduce((sum, one) => sum + one.stats().watchers, 0);
  const metrics = createMetrics(watchers, Math.round(performance.timeOrigin / 1000));
  const retry = createRetry();
  let opened: Opened | undefined;
  let failure = "it has not been opened yet";
  let isStarted = false;

  async function open(port: number): Promise<Opened> {
    const render = renderOptions(settings, cluster.configOrigin(port), token);
    const admission = clusterAdmission(settings, store, render, log);
    const context: SourceContext = {
      loaded: admission?.loaded,
      pass: () => passes.run(),
      throttle: settings.throttle,
      resync: settings.resync,
      onRequest: metrics.requested,
      warn: (message, error) => log.warn({ err: error }, message),
    };
    const source = await openSource(cluster, store, context);
    const passes = createPasses({
      ports: {
        store, cluster: source.cluster, accounting: source.accounting, keep: admission ? admission.keep(source.keep) : source.keep, cache: createPublishedCache(), lookup: firstAddress, now: Date.now,
        openLease: () => openLease(store, leaseOptions(name)),
      },
      options: {
        clusterName: name,
        render,
        releaseAfter: settings.releaseAfter,
        allowMassDelete: settings.allowMassDelete,
        drift: settings.drift,
      },
      metrics,
      log,
      onFirst: (pass) => tellServed(log, `${origin(port)}${isFirst ? "" : prefix}`, pass, access !== undefined),
    });
    await admission?.start();
    return { source, passes, admission };
  }

  async function tryOpen(port: number): Promise<void> {
    await attempt(port, async () => {
      opened = await open(port);
      if (isStarted) await opened.source.start();
    });
  }

  async function attempt(port: number, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      await opened?.source.close();
      opened = undefined;
      if (isOnly && error instanceof CommandFailure) throw error;
      failure = error instanceof Error ? error.message : String(error);
      log.error(`cluster ${name} cannot be opened and is tried again: ${failure}`);
      retry.later(() => tryOpen(port));
    }
  }

  return {
    name,
    cds,
    configs: index,
    described: () => opened?.source.described ?? [["cluster", `${name}: not open yet`]],
    unready: () => (opened ? opened.passes.unready() : failure) ?? (index.ready ? undefined : "the object store could not be read yet"),
    metrics: metrics.text,
    beat: metrics.idle,
    offer: (change) => opened?.source.offer?.(change),
    request: () => opened?.source.request(),
    judge: (request) => opened?.admission?.judge(request) ?? NOTHING_TO_SAY,
    open: tryOpen,
    async start(port) {
      isStarted = true;
      await index.start();
      await attempt(port, async () => opened?.source.start());
    },
    async stop() {
      await retry.stop();
      await opened?.source.close();
      if (settings.finalizer && settings.mode === "managed") await opened?.passes.finalize();
      index.stop();
    },
    closeCds: async () => void (await Promise.all(cds.map((one) => one.close()))),
  };
}
