import { createSecretKey } from "node:crypto";
import type { Server } from "node:http";
import { Writable } from "node:stream";
import { pino } from "pino";
import type { AccessEntry } from "../../functions/local/access-log.ts";
import { createCredentialsEndpoint } from "../../functions/local/credentials.ts";
import { createEventEndpoint } from "../../functions/local/events.ts";
import { createHttp, listen } from "../../functions/local/http.ts";
import type { HttpLimits } from "../../functions/local/http-limits.ts";
import type { TlsPair } from "../../functions/local/tls.ts";
import { bearerToken, createAccess } from "../../shared/access/access.ts";
import { deriveToken, type TokenScope } from "../../shared/access/token.ts";
import { createGuard } from "../../shared/cds/guard.ts";
import { createCds } from "../../shared/cds/server.ts";
import { isEventUrl } from "../../shared/events/event-path.ts";
import { MemorySource } from "./cds-source.ts";

const KEY = Buffer.alloc(32, "K");
const CLUSTER = "one";

/** What must be in no log, and in no answer to who has no right to it. */
export const PLANTED = {
  password: "Planted-Password_1",
  apiKey: "Planted-Api-Key_1",
  eventToken: "Planted-Event-Token_1",
  key: KEY.toString("base64"),
  config: token({ purpose: "config", cluster: CLUSTER, namespace: "ns", name: "a", uid: "uid-a" }),
  events: token({ purpose: "events", cluster: CLUSTER }),
  operator: token({ purpose: "operator", cluster: CLUSTER }),
} as const;

function token(scope: TokenScope): string {
  return deriveToken(createSecretKey(KEY), scope);
}

/** A config with the planted password, as the renderer writes it. */
function configText(id: string): string {
  const auth = { type: "static", realm: "stunner.l7mp.io", credentials: { username: "user", password: PLANTED.password } };
  const listener = { name: `${id}/udp`, protocol: "TURN-UDP", address: "$STUNNER_ADDR", port: 3478, public_address: "203.0.113.1", public_port: 3478, routes: [] };
  return JSON.stringify({ version: "v1", admin: { name: id }, auth, listeners: [listener], clusters: [] });
}

export interface HardServer {
  readonly server: Server;
  readonly port: number;
  /** Everything that was logged. */
  log(): string;
  readonly entries: AccessEntry[];
  readonly bugs: unknown[];
  stop(): Promise<void>;
}

/** Every endpoint of `serve`, with tokens, on a port of loopback, wired as `serve` does. */
export async function startHard(limits: Partial<HttpLimits> = {}, { atATime, tls }: { atATime?: number; tls?: TlsPair } = {}): Promise<HardServer> {
  const lines: string[] = [];
  const sink = new Writable({ write: (chunk, _encoding, done) => (lines.push(String(chunk)), done()) });
  const log = pino({ level: "trace" }, sink);
  const entries: AccessEntry[] = [];
  const bugs: unknown[] = [];
  const ring = { current: createSecretKey(KEY) };
  const access = createAccess(() => ring);
  const source = new MemorySource();
  source.uids = { "ns/a": "uid-a" };
  source.set({ "ns/a": configText("ns/a") });
  const guard = createGuard(access, CLUSTER, source);
  const cds = ["", `/c/${CLUSTER}`].map((prefix) => createCds({ source, prefix, guard, log }));
  const events = createEventEndpoint(
    new Map([[CLUSTER, { tokens: [PLANTED.eventToken], offer: (change) => log.trace({ change }, "a change") }]]),
    ({ status, message, changes, cluster }) => log.debug({ status, changes, of: cluster }, message ?? "an event"),
    { derived: access.eventTokens, ...(atATime === undefined ? {} : { atATime }) },
  );
  const credentials = createCredentialsEndpoint({
    clusters: [{ name: CLUSTER, source, apiKeys: [PLANTED.apiKey] }],
    authorize: access.operator, origins: ["https://app.example"], perSecond: 0, publicAddress: "", publicPort: 0, now: Date.now,
  });
  const server = createHttp(
    {
      cds, credentials,
      events: { handles: isEventUrl, handle: events },
      operator: (authorization) => access.operator(bearerToken(authorization), CLUSTER),
      unready: () => undefined,
      metrics: () => "# HELP x y\n",
    },
    {
      limits,
      tls,
      onRequest(entry) {
        entries.push(entry);
        log.info(entry, "a request");
      },
      onBug: (error) => bugs.push(error),
    },
  ) as Server;
  const port = await listen(server, { host: "127.0.0.1", port: 0 });
  async function stop(): Promise<void> {
    await Promise.all(cds.map((one) => one.close()));
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }
  return { server, port, log: () => lines.join(""), entries, bugs, stop };
}
