import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApiServer, type ApiServer } from "./api-server.ts";
import { findBinaries } from "./binaries.ts";
import { createClient, type ClusterClient } from "./client.ts";
import { startEtcd } from "./etcd.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { createPki } from "./pki.ts";

/** A cluster whose API server can be stopped and started anew, behind one address. */
export interface RestartableCluster {
  readonly kubeconfig: string;
  /** A client with all rights, past the address. */
  admin(): ClusterClient;
  /** Stops the API server: its clients lose their connections and get no others. */
  down(): Promise<void>;
  /** Starts another one on what is stored. Nobody reaches it by the address before `open`. */
  up(): Promise<void>;
  open(): void;
  /** Forgets all versions but the last in etcd, so that nobody can go on from an older one. */
  compact(): Promise<void>;
  /** Cuts every connection to the address. */
  cut(): void;
  /** Lets nothing more through on the connections that there are, in either direction; new ones work. */
  freeze(): void;
  stop(): Promise<void>;
}

export async function startRestartableCluster(): Promise<RestartableCluster> {
  const { etcd: etcdCommand, apiServer: command } = findBinaries();
  const directory = mkdtempSync(join(tmpdir(), "stunner-restart-"));
  const etcd = await startEtcd(etcdCommand, directory);
  const pki = await createPki(directory);
  const adminToken = `Planted-${randomBytes(16).toString("hex")}`;
  const start = (): Promise<ApiServer> => startApiServer({ command, directory, etcd: etcd.url, pki, adminToken, audit: undefined, serviceAccounts: false });
  let server: ApiServer | undefined = await start();
  let isOpen = true;
  const sockets = new Set<Socket>();
  const proxy = createServer((socket) => {
    if (!server || !isOpen) return void socket.destroy();
    const upstream = connect(Number(new URL(server.url).port), "127.0.0.1");
    for (const [one, other] of [[socket, upstream], [upstream, socket]] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const clients: ClusterClient[] = [];
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    kubeconfig: writeKubeconfig(join(directory, "kubeconfig.json"), address, pki.ca, { token: adminToken }),
    cut,
    admin() {
      const client = createClient({ url: server?.url ?? "", ca: pki.ca, credentials: { token: adminToken }, userAgent: "admin" });
      clients.push(client);
      return client;
    },
    async down() {
      isOpen = false;
      await server?.stop();
      server = undefined;
      cut();
    },
    async up() {
      server = await start();
    },
    open: () => void (isOpen = true),
    async compact() {
      const { header } = await askEtcd(etcd.url, "range", { key: Buffer.from("x").toString("base64") });
      await askEtcd(etcd.url, "compaction", { revision: header?.revision, physical: true });
    },
    freeze() {
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    async stop() {
      for (const client of clients) client.close();
      cut();
      proxy.close();
      await server?.stop();
      await etcd.stop();
    },
  };
}

/** etcd's gateway for JSON. */
async function askEtcd(url: string, path: string, body: object): Promise<{ readonly header?: { readonly revision?: string } }> {
  const answer = await fetch(`${url}/v3/kv/${path}`, { method: "POST", body: JSON.stringify(body) });
  return (await answer.json()) as { header?: { revision?: string } };
}
