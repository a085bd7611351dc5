import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { ListenAddress } from "../../shared/settings/address.ts";
import type { Verdict } from "../../shared/access/access.ts";
import { failure, forbidden, methodNotAllowed, unauthorized } from "../../shared/cds/refusals.ts";
import type { Cds } from "../../shared/cds/server.ts";
import { PROMETHEUS_TEXT } from "../../shared/metrics/registry.ts";
import { type AccessEntry, accessEntry } from "./access-log.ts";
import type { CredentialsEndpoint } from "./credentials.ts";
import { CommandFailure, reasonOf } from "./fail.ts";
import { guardConnections } from "./guard-connections.ts";
import { DEFAULT_HTTP_LIMITS, type HttpLimits, serverOptions } from "./http-limits.ts";
import { secureOptions, type TlsPair } from "./tls.ts";
import { hasBody, type PlainAnswer, writeAnswer } from "./write-answer.ts";

export interface Endpoints {
  /** What none of them knows, the first one answers. */
  readonly cds: readonly Cds[];
  /** Events of clusters: the only requests with bodies. */
  readonly events?: { handles(url: string): boolean; handle(req: IncomingMessage, res: ServerResponse): Promise<void> };
  /** The auth service: its paths are no others'. */
  readonly credentials?: CredentialsEndpoint;
  /** Undefined: ready; else why not. */
  unready(): string | undefined;
  metrics(): string;
  /** Whether a request is an operator's: others get no metrics, and are not told why something is not ready. Absent: all are. */
  readonly operator?: ((authorization: string | undefined) => Verdict) | undefined;
}

export interface HttpOptions {
  readonly tls?: TlsPair | undefined;
  readonly limits?: Partial<HttpLimits>;
  /** Told of every request. */
  readonly onRequest?: (entry: AccessEntry) => void;
  /** Told of what must not happen; the client is answered 500. */
  readonly onBug?: (error: unknown) => void;
}

/** One server for everything: CDS, probes, metrics, credentials and events. Other requests have no bodies, so none is read. */
export function createHttp(endpoints: Endpoints, { tls, limits: given = {}, onRequest, onBug }: HttpOptions = {}): Server | TlsServer {
  const { cds: all, events, credentials } = endpoints;
  const limits = { ...DEFAULT_HTTP_LIMITS, ...given };
  const cdsOf = ({ url = "" }: IncomingMessage): Cds | undefined => all.find((one) => one.handles(url)) ?? all[0];

  function answer(req: IncomingMessage, res: ServerResponse): void {
    const began = performance.now();
    res.once("close", () => onRequest?.(accessEntry(req, res.statusCode, began)));
    const failed = (error: unknown): void => fail(req, res, error);
    try {
      if (events?.handles(req.url ?? "")) events.handle(req, res).catch(failed);
      else if (credentials?.handles(req.url ?? "")) credentials.handle(req, res);
      else if (hasBody(req)) writeAnswer(req, res, refusal(failure(413, "A request has no body here")));
      else answerOwn(req, res);
    } catch (error) {
      failed(error);
    }
  }

  function answerOwn(req: IncomingMessage, res: ServerResponse): void {
    const own = ownAnswer(endpoints, req);
    if (own === undefined) cdsOf(req)?.handle(req, res);
    else writeAnswer(req, res, own);
  }

  function fail(req: IncomingMessage, res: ServerResponse, error: unknown): void {
    onBug?.(error);
    if (res.headersSent) res.destroy();
    else writeAnswer(req, res, refusal(failure(500, "Internal error")));
  }

  const server = tls
    ? createTlsServer({ ...serverOptions(limits), ...secureOptions(tls.contents), handshakeTimeout: limits.handshakeTime }, answer)
    : createServer(serverOptions(limits), answer);
  guardConnections(server, limits);
  server.on("upgrade", (req: IncomingMessage, socket, head) => {
    const began = performance.now();
    try {
      const status = cdsOf(req)?.upgrade(req, socket, head);
      if (status !== undefined) onRequest?.(accessEntry(req, status, began));
    } catch (error) {
      onBug?.(error);
      socket.destroy();
    }
  });
  // Who asks before it sends a body is told to go on only where a body is read.
  server.on("checkContinue", (req: IncomingMessage, res: ServerResponse) => {
    if (events?.handles(req.url ?? "")) res.writeContinue();
    server.emit("request", req, res);
  });
  server.on("checkExpectation", (req: IncomingMessage, res: ServerResponse) => writeAnswer(req, res, refusal(failure(417, "Nothing is expected here"))));
  return server;
}

/** Probes and metrics; undefined: the path is another one. */
function ownAnswer({ operator, unready, metrics }: Endpoints, { url = "", method = "", headers }: IncomingMessage): PlainAnswer | undefined {
  const path = url.split("?")[0] ?? "";
  if (!OWN.has(path)) return undefined;
  if (method !== "GET" && method !== "HEAD") return refusal(methodNotAllowed("GET, HEAD"));
  if (path === "/healthz") return OK;
  const verdict = operator?.(headers.authorization) ?? "granted";
  if (path === "/metrics") {
    if (verdict !== "granted") return refusal(verdict === "denied" ? forbidden() : unauthorized());
    return { status: 200, headers: { "Content-Type": PROMETHEUS_TEXT }, body: metrics() };
  }
  const reason = unready();
  return reason === undefined ? OK : { status: 503, body: verdict === "granted" ? `${reason}\n` : "not ready\n" };
}

const OWN: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);
const OK: PlainAnswer = { status: 200, body: "ok\n" };

/** Refusals have short bodies. */
function refusal({ status, headers, body }: ReturnType<typeof failure>): PlainAnswer {
  return { status, headers, body: String(body) };
}

/** Connections that may wait to be taken: after a restart all pods come at once, and who finds no place tries again after seconds. */
const BACKLOG = 4096;

/**
 * Resolves to the port that is listened on.
 * @param flag that the address comes from
 * @throws {CommandFailure} naming the address and what is wrong with it
 */
export async function listen(server: Server | TlsServer, { host, port }: ListenAddress, flag = "--config-discovery-address"): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const setting = `${flag}=${host.includes(":") ? `[${host}]` : host}:${port}`;
      reject(new CommandFailure(`${setting}: cannot listen there: ${reasonOf(error)}`, 2, error));
    });
    server.listen({ host, port, backlog: BACKLOG }, resolve);
  });
  return (server.address() as AddressInfo).port;
}
