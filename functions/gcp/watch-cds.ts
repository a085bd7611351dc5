import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Age } from "../../shared/cds/aging.ts";
import { createGuard } from "../../shared/cds/guard.ts";
import { type Cds, createCds } from "../../shared/cds/server.ts";
import type { ConfigSource } from "../../shared/cds/source.ts";
import { clusterPrefix } from "../../shared/serverless/cluster-prefix.ts";
import type { Context } from "../../shared/serverless/context.ts";
import { type Keys, openKeys } from "../../shared/serverless/keys.ts";
import { watchersPerToken } from "./watch-limits.ts";
import { createWatchedCluster, type WatchedCluster } from "./watched-cluster.ts";

/** CDS with watches, over everything that is published (spec/cds.md, DESIGN.md 4.3). */
export interface WatchCds {
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** Ends every watch with a close frame. */
  close(): Promise<void>;
}

/** Stands for a cluster that there is not: who may see nothing cannot tell the difference. */
const NOWHERE: ConfigSource = { ready: true, entries: new Map(), nodeAddress: () => undefined, subscribe: () => () => undefined };

/** @param age how long a watch may last */
export function createWatchCds(context: Context, age: Age): WatchCds {
  const { cloud, settings, now } = context;
  const keys: Keys = openKeys(cloud, settings.tokenKeys, now);
  const served = new Map<string, WatchedCluster>();

  /** Answers by the CDS that a request is for, as fresh as can be. */
  async function serve(url: string, run: (cds: Cds, watched: WatchedCluster | undefined) => void): Promise<void> {
    const [access, clusters] = await Promise.all([keys.access(), context.clusters.read()]);
    const { prefix, name = [...clusters.keys()][0] ?? "" } = clusterPrefix(url);
    const cluster = clusters.get(name);
    if (cluster === undefined) {
      const nowhere = createCds({ source: NOWHERE, prefix, guard: createGuard(access, name, NOWHERE) });
      run(nowhere, undefined);
      return nowhere.close();
    }
    const watched = served.get(prefix) ?? createWatchedCluster(context, {
      name, prefix, age,
      watchersPerToken: watchersPerToken(cloud.env),
      pollSeconds: cluster.settings.pollInterval / 1000,
      guard: (source) => createGuard(access, name, source),
      onLook: () => keys.access(),
    });
    served.set(prefix, watched);
    await watched.refresh();
    run(watched.cds, watched);
  }

  return {
    handle: (req, res) => serve(req.url ?? "", (cds) => {
      res.once("finish", () => res.statusCode === 403 && keys.doubt());
      cds.handle(req, res);
    }),

    upgrade: (req, socket, head) => serve(req.url ?? "", (cds, watched) => {
      const status = cds.upgrade(req, socket, head);
      if (status === 101) watched?.follow();
      if (status === 403) keys.doubt();
    }),

    close: async () => void (await Promise.all([...served.values()].map((one) => one.close()))),
  };
}
