import type { IncomingMessage } from "node:http";
import { parseRequest } from "../../shared/cds/request.ts";
import { isEventUrl, parseEventPath } from "../../shared/events/event-path.ts";

/** One request, without anything that could be a secret: no headers, no token, and names only where they are names. */
export interface AccessEntry {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
  /** IP address of the client, or of the proxy in front of it. */
  readonly client: string;
}

/** @param began as `performance.now()` has it */
export function accessEntry({ method = "", url = "", socket }: IncomingMessage, status: number, began: number): AccessEntry {
  return { method, path: shownPath(url), status, milliseconds: Math.round(performance.now() - began), client: socket.remoteAddress ?? "" };
}

/** Paths that are shown as they are. */
const PLAIN: ReadonlySet<string> = new Set(["/", "/ice", "/healthz", "/readyz", "/metrics"]);

/**
 * The path of a request as a log may have it: what is not known is not repeated, since it may be a token in the wrong place.
 * @param url as the request line has it
 */
export function shownPath(url: string): string {
  const [path = ""] = url.split("?");
  if (PLAIN.has(path)) return path;
  if (isEventUrl(url)) return `/v1/clusters/${parseEventPath(url)?.cluster ?? "…"}/events/…`;
  const prefix = /^\/c\/[A-Za-z0-9][\w-]{0,62}(?=\/)/.exec(path)?.[0] ?? "";
  if (prefix && PLAIN.has(path.slice(prefix.length))) return path;
  const request = parseRequest("GET", url, prefix);
  if (request.kind === "license") return `${prefix}/api/v1/license`;
  if (request.kind === "refused") return "…";
  const root = `${prefix}/api/v1/configs`;
  const query = [...(request.watch ? ["watch=true"] : []), ...(request.kind === "config" && request.node ? [`node=${request.node}`] : [])].join("&");
  const names = request.kind === "config" ? `/${request.id}` : request.namespace === undefined ? "" : `/${request.namespace}`;
  return `${root}${names}${query && `?${query}`}`;
}
