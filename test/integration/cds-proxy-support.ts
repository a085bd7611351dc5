import { type ChildProcess, spawn } from "node:child_process";
import { createSecretKey } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { createAccess } from "../../shared/access/access.ts";
import { deriveToken } from "../../shared/access/token.ts";
import { createGuard } from "../../shared/cds/guard.ts";
import { type Cds, createCds } from "../../shared/cds/server.ts";
import type { Pki } from "../cluster/pki.ts";
import { MemorySource } from "./cds-source.ts";
import { CLI } from "../support/cli.ts";

const KEY = createSecretKey(Buffer.alloc(32, 7));
export const OPERATOR = deriveToken(KEY, { purpose: "operator", cluster: "prod" });
export const OF_ANOTHER = deriveToken(KEY, { purpose: "operator", cluster: "other" });

/** The project's CDS over TLS, with tokens, under `/c/prod`. */
export interface RemoteCds {
  readonly source: MemorySource;
  readonly url: string;
  /** Stops, and starts anew on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRemote(pki: Pki): Promise<RemoteCds> {
  const source = new MemorySource();
  const [key, cert] = await Promise.all([readFile(pki.files.serverKey), readFile(pki.files.serverCertificate)]);
  let running: { readonly server: Server; readonly cds: Cds } | undefined;
  let port = 0;

  async function start(): Promise<void> {
    const guard = createGuard(createAccess(() => ({ current: KEY })), "prod", source);
    const cds = createCds({ source, guard, prefix: "/c/prod" });
    const server = createServer({ key, cert }, (req, res) => cds.handle(req, res));
    server.on("upgrade", (req, socket, head) => cds.upgrade(req, socket, head));
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
    running = { server, cds };
  }

  async function stop(): Promise<void> {
    await running?.cds.close();
    running?.server.closeAllConnections();
    running?.server.close();
    if (running) await once(running.server, "close");
    running = undefined;
  }

  await start();
  return { source, url: `https://127.0.0.1:${port}`, stop, restart: async () => (await stop(), start()) };
}

/** `cds-proxy` as a user starts it. */
export interface RunningProxy {
  readonly port: number;
  /** Everything that it has written. */
  text(): string;
  stop(): Promise<void>;
}

export async function startProxy(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunningProxy> {
  const { PATH = "", HOME = "" } = process.env;
  const child: ChildProcess = spawn(process.execPath, [CLI, "cds-proxy", "--listen=127.0.0.1:0", ...args], { env: { PATH, HOME, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let written = "";
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface(stream).on("line", (line) => {
      written += `${line}\n`;
      const [, port] = /http:\/\/127\.0\.0\.1:(\d+) stands for/.exec(line) ?? [];
      if (port) resolve(Number(port));
    });
  }
  child.once("exit", (code) => reject(new Error(`cds-proxy ended with ${code}: ${written}`)));
  return {
    port: await promise,
    text: () => written,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}
