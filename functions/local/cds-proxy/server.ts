import { createServer, type IncomingMessage, type Server } from "node:http";
import { DEFAULT_HTTP_LIMITS, serverOptions } from "../http-limits.ts";
import { writeAnswer } from "../write-answer.ts";
import type { Fault } from "./fault.ts";
import { forward } from "./forward.ts";
import { refusalOf } from "./gate.ts";
import type { Remote } from "./remote.ts";
import { forwardUpgrade, refuseUpgrade } from "./upgrade.ts";

export interface CdsProxyOptions {
  readonly remote: Remote;
  /** Only loopback is listened on. */
  readonly isPrivate: boolean;
  /** Milliseconds within which an answer of the remote must begin. */
  readonly silence?: number;
  readonly onFault: (fault: Fault) => void;
}

const SILENCE_MS = 30_000;
/** Clients are tools on one machine, or those of one cluster. */
const MOST_CONNECTIONS = 1000;

/**
 * A config discovery server for clients that know neither TLS, nor tokens, nor a prefix (spec/cds.md 10): what they ask is
 * asked of a remote one. Retrying is the clients' business.
 */
export function createCdsProxy({ remote, isPrivate, silence = SILENCE_MS, onFault }: CdsProxyOptions): Server {
  const server = createServer(serverOptions(DEFAULT_HTTP_LIMITS), (req, res) => {
    if (req.url === "/healthz") return writeAnswer(req, res, { status: 200, body: "ok\n" });
    const refusal = refusalOf(req, isPrivate);
    if (refusal) return writeAnswer(req, res, { status: refusal.status, headers: refusal.headers, body: String(refusal.body) });
    void forward(remote, req, res, silence, onFault);
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on("upgrade", (req: IncomingMessage, socket, head) => {
    const refusal = refusalOf(req, isPrivate);
    if (refusal) return refuseUpgrade(socket, refusal);
    void forwardUpgrade(remote, req, socket, head, silence, onFault);
  });
  return server;
}
