import { apply } from "./apply/apply.ts";
import type { Cluster, LoadedCluster } from "./apply/cluster.ts";
import type { Accounting } from "./kube/accounting.ts";
import { hasOwned, objectKey } from "./apply/ownership.ts";
import type { PublishedCache } from "./cds/load-published.ts";
import { loadPublished, publish, publishNodes } from "./cds/publish.ts";
import type { Published } from "./cds/publish.ts";
import { readApplied, writeApplied } from "./reconcile/applied-store.ts";
import { configChanges } from "./reconcile/config-changes.ts";
import { countsOf } from "./reconcile/counts.ts";
import { deletionsWait } from "./reconcile/deletions-wait.ts";
import { createDraft } from "./reconcile/draft.ts";
import type { Draft } from "./reconcile/draft.ts";
import { toReportError } from "./reconcile/failure.ts";
import { freezes, holdUnread } from "./reconcile/hold-unread.ts";
import { massDelete } from "./reconcile/mass-delete.ts";
import { asksForNodes, nodeAddresses } from "./reconcile/node-addresses.ts";
import type { Lookup } from "./reconcile/node-addresses.ts";
import { knownNodes } from "./reconcile/known-nodes.ts";
import { released, remember } from "./reconcile/release.ts";
import type { Keep } from "./reconcile/keep.ts";
import { readReport, writeReport } from "./reconcile/report-store.ts";
import type { StoredReport } from "./reconcile/report-store.ts";
import type { Report } from "./reconcile/report.ts";
import { render } from "./render/render.ts";
import type { RenderOptions, RenderResult } from "./render/result.ts";
import type { StunnerdConfig } from "./resources/stunnerd-config.ts";
import { type Lease, LeaseHeld, LeaseLost } from "./store/lease.ts";
import type { ObjectStore } from "./store/object-store.ts";

export type { Report } from "./reconcile/report.ts";

/** The outside of a pass. */
export interface Ports {
  readonly cluster: Cluster;
  readonly store: ObjectStore;
  /** What this process knows of the store from its last pass: `createPublishedCache()` at the first. */
  readonly cache: PublishedCache;
  /** For nodes that have a DNS name and no address. */
  readonly lookup: Lookup;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Begins a lease: the right to write to cluster and store (DESIGN.md 4.2). */
  readonly openLease: () => Promise<Lease>;
  /** What the cluster's client counts; absent where there is no API server. */
  readonly accounting?: Pick<Accounting, "counts" | "reset"> | undefined;
  /** What else is kept in the cluster, beside objects and statuses. */
  readonly keep?: Keep | undefined;
}

export interface ReconcileOptions {
  /** Name of the cluster in the store. */
  readonly clusterName: string;
  readonly render: Omit<RenderOptions, "published" | "released" | "now">;
  /** Milliseconds for which a class must be absent (rule I9). */
  readonly releaseAfter: number;
  readonly allowMassDelete: boolean;
  /** What becomes of fields of ours that another hand changed. */
  readonly drift: "correct" | "report";
}

export interface Pass {
  readonly report: Report;
  /** What the report's error came from. */
  readonly cause?: unknown;
  /** Whether something was left undone for the sole reason that somebody else wrote: then another pass is due soon. */
  readonly isStale: boolean;
}

/**
 * One pass: load, render, publish, apply, report (DESIGN.md 2). A configuration is published before the objects are
 * written whose pods will ask for it. Never rejects: what goes wrong is in the report, and what was good stays.
 */
export async function reconcile(ports: Ports, options: ReconcileOptions): Promise<Pass> {
  const draft = createDraft(options.clusterName, ports.now());
  ports.accounting?.reset();
  try {
    const lease = await ports.openLease();
    const previous = await readReport(ports.store, options.clusterName);
    draft.know({ generation: previous?.generation ?? 0, orphans: previous?.orphans ?? {}, unread: previous?.unread ?? [] });
    const passed = await attempt(() => pass(ports, options, lease, previous, draft));
    if (ports.accounting) draft.know({ calls: ports.accounting.counts() });
    if ("cause" in passed) draft.know({ outcome: "failed", error: toReportError(passed.cause) });
    const reported = await attempt(() => writeReport(ports.store, draft.report(), previous, lease.fence));
    const ended = await attempt(() => lease.release());
    const failure = [passed, reported, ended].find((one) => "cause" in one);
    if (failure) draft.know({ outcome: "failed", error: toReportError(failure.cause) });
    return { report: draft.report(), isStale: passed.isStale || failure?.cause instanceof LeaseLost, ...(failure && { cause: failure.cause }) };
  } catch (cause) {
    draft.know({ outcome: "failed", error: toReportError(cause) });
    return { report: draft.report(), cause, isStale: cause instanceof LeaseHeld };
  }
}

type Attempt = Pick<Pass, "cause" | "isStale">;

async function attempt(run: () => Promise<boolean | void>): Promise<Attempt> {
  try {
    return { isStale: (await run()) === true };
  } catch (cause) {
    return { cause, isStale: false };
  }
}

/** Resolves to whether what was read is out of date. */
async function pass(ports: Ports, options: ReconcileOptions, lease: Lease, previous: StoredReport | undefined, draft: Draft): Promise<boolean> {
  const now = ports.now();
  const published = await loadPublished(ports.store, options.clusterName, ports.cache);
  const loaded = await ports.cluster.load(async () => void (await lease.acquire()));
  draft.know({ problems: loaded.problems });
  draft.lap("load");

  const { unread, unknown } = loaded;
  const isFirst = previous === undefined && published.size === 0 && !hasOwned(loaded.state);
  const missing = { now: unread, unknown, before: previous?.unread ?? (isFirst ? unread : []) };
  const rendered = renderLoaded(options, loaded, published, previous, now);
  const result = holdUnread(rendered, loaded.state, options.render.controllerName, published.keys(), missing);
  const garbage = unread.length === 0 ? loaded.garbage : [];
  draft.know({
    problems: [...loaded.problems, ...result.problems, ...deletionsWait(options.clusterName, loaded, rendered, published.keys(), freezes(missing))],
    counts: countsOf(result, published.size),
    orphans: remember(previous?.orphans ?? {}, result.orphans, now),
    unread: freezes(missing) ? missing.before : unread,
  });
  draft.lap("render");

  const brake = options.allowMassDelete ? undefined : massDelete(loaded.state, result.deletions, garbage);
  if (brake) {
    draft.know({ outcome: "stopped", error: toReportError(brake) });
    return false;
  }

  const publication = await publishResult(ports, options, lease, loaded, published, result);
  const configs = configChanges(publication, published, result);
  const counts = countsOf(result, publication.total);
  draft.know({ generation: publication.generation, changes: configs, counts });
  draft.lap("publish");

  const lastApplied = await readApplied(ports.store, options.clusterName);
  const applied = await apply(ports.cluster, {
    objects: result.objects.filter((object) => !result.held.objects.has(objectKey(object))),
    deletions: [...result.deletions, ...garbage],
    statuses: result.statuses,
    isHeld: (key) => result.held.objects.has(key),
    lastApplied: lastApplied.digests,
    drift: options.drift,
    listenersOf: (gateway) => (published.get(gateway)?.listeners ?? []).map((listener) => listener.name),
  });
  await writeApplied(ports.store, options.clusterName, lastApplied, applied.digests, lease);
  if (unread.length === 0) await ports.cluster.tidy?.();
  const done = { outcome: applied.complete ? "done" : "incomplete", changes: [...configs, ...applied.changes], operations: applied.operations } as const;
  draft.know(done);
  if (unread.length === 0 && ports.keep) {
    const kept = await ports.keep(async () => void (await lease.acquire()));
    draft.know({ changes: [...done.changes, ...kept.changes] });
    draft.add(kept.problems);
  }
  draft.lap("apply");
  return applied.isStale;
}

/** What is not known to be absent is not torn down, whatever the setting says. */
function renderLoaded(
  options: ReconcileOptions,
  { state, unread }: LoadedCluster,
  published: ReadonlyMap<string, StunnerdConfig>,
  previous: StoredReport | undefined,
  now: number,
): RenderResult {
  if (unread.length > 0) return render(state, { ...options.render, onInvalid: "hold", published, released: new Set(), now });
  const mayGo = released(previous?.orphans ?? {}, state.gateways.keys(), now, options.releaseAfter);
  return render(state, { ...options.render, published, released: mayGo, now });
}

/** Nodes first: the configurations may ask for their addresses. */
async function publishResult(
  { store, cache, lookup, now }: Ports,
  { clusterName }: ReconcileOptions,
  lease: Lease,
  { state, clusterUid }: LoadedCluster,
  published: ReadonlyMap<string, StunnerdConfig>,
  result: RenderResult,
): Promise<Published> {
  const { acquire: fence, followsUnended: anew } = lease;
  if (asksForNodes(published, result)) {
    await publishNodes(store, clusterName, await nodeAddresses(state.nodes, lookup, await knownNodes(store, clusterName)), { fence, anew });
  }
  const { configs, held } = result;
  return publish(store, { cluster: clusterName, configs, held: held.configs, fence, anew, clusterUid, now, repair: cache.damaged });
}
