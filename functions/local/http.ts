import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ListenAddress } from "../../shared/settings/address.ts";
import { PROMETHEUS_TEXT } from "../../shared/metrics/registry.ts";
import type { Cds } from "../../shared/cds/server.ts";
import type { CredentialsEndpoint } from "./credentials.ts";
import { CommandFailure, reasonOf } from "./fail.ts";

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
}

/** One server for everything: CDS, probes, metrics and events. Other requests have no bodies, so none is read. */
export function createHttp({ cds: all, events, credentials, unready, metrics }: Endpoints): Server {
  const cdsOf = ({ url = "" }: IncomingMessage): Cds | undefined => all.find((one) => one.handles(url)) ?? all[0];

  function answer(req: IncomingMessage, res: ServerResponse): void {
    if (events?.handles(req.url ?? "")) return void events.handle(req, res);
    if (credentials?.handles(req.url ?? "")) return credentials.handle(req, res);
    if (hasBody(req)) return refuseBody(res);
    const path = (req.url ?? "").split("?")[0];
    const own = OWN.get(path ?? "");
    if (own === undefined) return cdsOf(req)?.handle(req, res);
    if (req.method !== "GET" && req.method !== "HEAD") return say(req, res, 405, "only GET and HEAD are answered here\n", { Allow: "GET, HEAD" });
    if (own === "healthz") return say(req, res, 200, "ok\n");
    if (own === "metrics") return say(req, res, 200, metrics(), { "Content-Type": PROMETHEUS_TEXT });
    const reason = unready();
    return reason === undefined ? say(req, res, 200, "ok\n") : say(req, res, 503, `${reason}\n`);
  }

  const server = createServer(
    // Headers beyond this are answered with 431; a client that dawdles, with 408.
    { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 15_000, keepAliveTimeout: 60_000, connectionsCheckingInterval: 5_000 },
    answer,
  );
  server.on("upgrade", (req, socket, head) => cdsOf(req)?.upgrade(req, socket, head));
  return server;
}

const OWN: ReadonlyMap<string, "healthz" | "readyz" | "metrics"> = new Map([
  ["/healthz", "healthz"],
  ["/readyz", "readyz"],
  ["/metrics", "metrics"],
]);

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

function refuseBody(res: ServerResponse): void {
  res.writeHead(413, { "Content-Type": "text/plain; charset=utf-8", Connection: "close" });
  res.end("a request has no body here\n", () => res.socket?.destroySoon());
}

function say(req: IncomingMessage, res: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  const length = String(Buffer.byteLength(text));
  res.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", "Content-Length": length, "Cache-Control": "no-store", ...headers });
  res.end(req.method === "HEAD" ? undefined : text);
}

/**
 * Resolves to the port that is listened on.
 * @throws {CommandFailure} naming the address and what is wrong with it
 */
export async function listen(server: Server, { host, port }: ListenAddress): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const setting = `--config-discovery-address=${host.includes(":") ? `[${host}]` : host}:${port}`;
      reject(new CommandFailure(`${setting}: cannot listen there: ${reasonOf(error)}`, 2, error));
    });
    server.listen({ host, port }, resolve);
  });
  return (server.address() as AddressInfo).port;
}
