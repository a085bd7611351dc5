import { type Access, bearerToken } from "../../shared/access/access.ts";
import { isEventUrl } from "../../shared/events/event-path.ts";
import type { Settings } from "../../shared/settings.ts";
import { originOf } from "../../shared/settings/address.ts";
import { openStore } from "../../shared/store/open.ts";
import { tellStart } from "./banner.ts";
import { createClusterRunner, type ClusterRunner } from "./cluster-runner.ts";
import { createCredentialsEndpoint, type CredentialsEndpoint } from "./credentials.ts";
import { createEventEndpoint, type EventOutcome } from "./events.ts";
import { createHttp, listen } from "./http.ts";
import type { Logger } from "./log.ts";
import { mergedMetrics } from "./merged-metrics.ts";
import { findPlaces } from "./places.ts";
import type { ServedCluster } from "./served-clusters.ts";
import { followTls, readTls } from "./tls.ts";
import { openTokenKeys } from "./token-keys.ts";

const HEARTBEAT_MS = 5000;

/**
 * Everything in one process (DESIGN.md 4.1, 4.5). Resolves when it listens and watches; what it resolves to stops it.
 * @throws {CommandFailure} where it cannot start
 */
export async function serve(settings: Settings, clusters: readonly ServedCluster[], log: Logger): Promise<() => Promise<void>> {
  for (const note of settings.notes) log.warn(note);
  warnOfPrefix(clusters, log);
  const { listen: address } = settings;
  const isOnly = clusters.length === 1;
  const [keys, tls] = [await openTokenKeys(settings.tokenKeys, log), await readTls(settings)];
  const access = keys?.access;
  const places = await findPlaces({ manifests: "", out: "", store: settings.store });
  const store = openStore(places.store);
  const origin = (port: number): string => originOf({ host: address.host, port }, tls ? "https" : "http");
  const runners = clusters.map((cluster, index) =>
    createClusterRunner({ cluster, store, origin, access, isFirst: index === 0, isOnly, log: isOnly ? log : log.child({ cluster: cluster.name }) }),
  );
  const events = eventEndpoint(clusters, runners, access, log);
  const accessLevel = settings.accessLog ? "info" : "debug";
  const server = createHttp({
    credentials: credentialsEndpoint(settings, clusters, runners, access),
    cds: runners.flatMap(({ cds }) => cds),
    metrics: () => (isOnly ? (runners[0]?.metrics() ?? "") : mergedMetrics(new Map(runners.map(({ name, metrics }) => [name, metrics()])))),
    unready: () => unready(runners),
    // What is told of all clusters is for those who may see all of them.
    operator: access && ((authorization) => access.operator(bearerToken(authorization), isOnly ? (clusters[0]?.name ?? "") : "")),
    ...(events && { events: { handles: isEventUrl, handle: events } }),
  }, {
    tls,
    onRequest: (entry) => log[accessLevel](entry, "a request"),
    onBug: (error) => log.error({ err: error }, "this should not have happened, please report it"),
  });
  const unfollow = tls && "setSecureContext" in server ? followTls(server, tls, log) : undefined;
  let port: number;
  try {
    port = await listen(server, address);
    await Promise.all(runners.map((runner) => runner.open(port)));
    tellStart(log, origin(port), [...runners.flatMap((runner) => runner.described()), ["object store", places.store]]);
    if (!isOnly) for (const { name } of runners) log.info(`${`cluster ${name}`.padEnd(22)} ${origin(port)}/c/${name}/api/v1/configs`);
  } catch (error) {
    server.close();
    await places.discard();
    throw error;
  }
  const heart = setInterval(() => runners.forEach((runner) => runner.beat(Date.now())), HEARTBEAT_MS);
  await Promise.all(runners.map((runner) => runner.start(port)));
  // The pods are to have tokens of the new key before the old one goes.
  keys?.onChange(() => runners.forEach((runner) => runner.request()));

  return async () => {
    clearInterval(heart);
    keys?.close();
    unfollow?.();
    await Promise.all(runners.map((runner) => runner.stop()));
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    await Promise.all(runners.map((runner) => runner.closeCds()));
    server.closeAllConnections();
    await closed;
  };
}

/** stunnerd asks without a prefix (DESIGN.md 4.3): where nobody adds it, it gets what the first cluster has. */
function warnOfPrefix([first, ...others]: readonly ServedCluster[], log: Logger): void {
  for (const { name, connect, settings, hasOrigin } of others) {
    if (hasOrigin || connect.type === "directory" || settings.mode === "legacy" || settings.delivery !== "direct") continue;
    log.warn(`cluster ${name}: its pods would get configurations of cluster ${first?.name}: give it a cdsUrl at which a proxy adds /c/${name}`);
  }
}

/** Names the clusters that are not ready, where there are several. */
function unready(runners: readonly ClusterRunner[]): string | undefined {
  const reasons = runners.flatMap((runner) => {
    const reason = runner.unready();
    if (reason === undefined) return [];
    return [runners.length === 1 ? reason : `cluster ${runner.name}: ${reason}`];
  });
  return reasons.length === 0 ? undefined : reasons.join("\n");
}

function credentialsEndpoint(
  settings: Settings,
  clusters: readonly ServedCluster[],
  runners: readonly ClusterRunner[],
  access: Access | undefined,
): CredentialsEndpoint {
  const { corsOrigins: origins, credentialsRate: perSecond, publicAddress, publicPort } = settings;
  const open = runners.map(({ name, configs: source }, index) => ({ name, source, apiKeys: clusters[index]?.settings.apiKeys ?? [] }));
  const authorize = access?.operator;
  return createCredentialsEndpoint({ clusters: open, authorize, origins, perSecond, publicAddress, publicPort, now: Date.now });
}

/** Undefined where no cluster takes events: there is nothing to be found out then. */
function eventEndpoint(
  clusters: readonly ServedCluster[],
  runners: readonly ClusterRunner[],
  access: Access | undefined,
  log: Logger,
): ReturnType<typeof createEventEndpoint> | undefined {
  const open = clusters.flatMap(({ name, connect, eventToken }, index) => {
    const runner = runners[index];
    if (!runner || (eventToken === "" && !access) || connect.type === "directory") return [];
    return [[name, { tokens: [eventToken], offer: runner.offer, judge: runner.judge }] as const];
  });
  if (open.length === 0) return undefined;
  return createEventEndpoint(new Map(open), ({ cluster, status, message, changes }: EventOutcome) =>
    log.debug({ status, changes, ...(cluster === undefined ? {} : { of: cluster }) }, message ?? "an event"),
    { derived: access?.eventTokens },
  );
}
