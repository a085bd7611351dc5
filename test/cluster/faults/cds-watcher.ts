import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { followIndex } from "../../../shared/cds/follow.ts";
import { createCds } from "../../../shared/cds/server.ts";
import type { ObjectStore } from "../../../shared/store/object-store.ts";
import { Watch } from "../../integration/cds-harness.ts";

/** A CDS server that follows a store, and a watcher of everything that it serves. */
export interface CdsWatcher {
  /** What it was sent since the last call, text by text: the server has looked at the store since. */
  seen(): Promise<string[]>;
  close(): Promise<void>;
}

/** Longer than any test: the server looks where the store tells of a write, and where it is asked to. */
const NEVER = 2 ** 30;

export async function startCdsWatcher(store: ObjectStore, cluster: string): Promise<CdsWatcher> {
  const source = followIndex(store, cluster, { pollMs: NEVER, onError: () => undefined });
  await source.start();
  const cds = createCds({ source });
  const server = createServer((req, res) => cds.handle(req, res));
  server.on("upgrade", (req, socket, head) => cds.upgrade(req, socket, head));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const watch = await Watch.open((server.address() as AddressInfo).port, "/api/v1/configs?watch=true");
  return {
    async seen() {
      await source.refresh();
      return watch.soFar();
    },
    async close() {
      source.stop();
      await cds.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
