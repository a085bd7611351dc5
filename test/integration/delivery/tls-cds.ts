import { createSecretKey, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { createAccess } from "../../../shared/access/access.ts";
import type { KeyRing } from "../../../shared/access/key-ring.ts";
import { createGuard } from "../../../shared/cds/guard.ts";
import { createCds, type Cds } from "../../../shared/cds/server.ts";
import type { GatewayIdentity } from "../../../shared/resources/delivery.ts";
import { MemorySource } from "../cds-source.ts";
import type { Identity } from "./certificates.ts";

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

/** CDS over TLS with tokens, as cluster `prod`, whose source, keys and certificate a test sets. Keeps its port. */
export interface TlsCds {
  readonly source: MemorySource;
  readonly port: number;
  /** Requests since the last look: `GET /c/prod/… 200`; an upgrade has no status. */
  taken(): string[];
  keys: KeyRing;
  /** Answers plain requests in place of CDS, where there is one. */
  override: Handler | undefined;
  /** Takes upgrades in place of CDS, where there is one. */
  overrideUpgrade: ((req: IncomingMessage, socket: Duplex) => void) | undefined;
  token(gateway: GatewayIdentity): string;
  /** With another certificate from the next connection on. */
  present(identity: Identity): void;
  /** Cuts every connection and refuses new ones, until `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export const newKey = () => createSecretKey(randomBytes(32));

export async function startTlsCds(identity: Identity): Promise<TlsCds> {
  const source = new MemorySource();
  let keys: KeyRing = { current: newKey() };
  let taken: string[] = [];
  let [cert, key] = [identity.cert, identity.key];
  let server: Server | undefined;
  let cds: Cds | undefined;
  let override: Handler | undefined;
  let overrideUpgrade: TlsCds["overrideUpgrade"];
  let port = 0;
  const access = createAccess(() => keys);

  async function start(): Promise<void> {
    const one = createCds({ source, prefix: "/c/prod", guard: createGuard(access, "prod", source), pollSeconds: 1 });
    cds = one;
    server = createServer({ cert, key }, (req, res) => {
      res.on("close", () => taken.push(`${req.method} ${req.url} ${res.statusCode}`));
      if (override) override(req, res);
      else one.handle(req, res);
    });
    server.on("upgrade", (req, socket, head) => {
      taken.push(`${req.method} ${req.url}`);
      if (overrideUpgrade) overrideUpgrade(req, socket);
      else one.upgrade(req, socket, head);
    });
    server.on("tlsClientError", () => undefined);
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  }

  await start();
  return {
    source,
    get port() {
      return port;
    },
    get keys() {
      return keys;
    },
    set keys(ring) {
      keys = ring;
    },
    get override() {
      return override;
    },
    set override(handler) {
      override = handler;
    },
    get overrideUpgrade() {
      return overrideUpgrade;
    },
    set overrideUpgrade(handler) {
      overrideUpgrade = handler;
    },
    taken() {
      const all = taken;
      taken = [];
      return all;
    },
    token: (gateway) => access.configToken("prod", gateway),
    present(next) {
      ({ cert, key } = next);
      server?.setSecureContext({ cert, key });
    },
    async stop() {
      if (!server) return;
      const closed = once(server, "close");
      server.close();
      await cds?.close();
      server.closeAllConnections();
      await closed;
      server = undefined;
    },
    start,
  };
}
