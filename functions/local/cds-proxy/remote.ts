import { request as plainRequest, type ClientRequest, type OutgoingHttpHeaders } from "node:http";
import { request as tlsRequest } from "node:https";

/** The config discovery server that a proxy stands for. */
export interface Remote {
  /** Scheme, host, port, and the path before `/api/v1`; no user, no query. */
  readonly url: URL;
  /** PEM of the authorities that may have signed its certificate; absent: those of the system. */
  readonly ca?: Buffer | undefined;
  /** What opens it, read anew for each request; undefined: nothing is needed. A secret. */
  readonly token: () => Promise<string | undefined>;
}

/** Headers that are for the next hop alone (RFC 9110, 7.6.1), and credentials, which are the proxy's to give. */
const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  "authorization", "connection", "cookie", "expect", "host", "keep-alive", "origin", "proxy-authorization", "proxy-connection",
  "te", "trailer", "transfer-encoding", "upgrade",
]);

const UPGRADE = { Connection: "Upgrade", Upgrade: "websocket" };

/** Begins a request to the remote, as the proxy asks it: with the token in place of whatever the client sent. */
export function askRemote(
  { url, ca }: Remote,
  token: string | undefined,
  { method, target, headers, signal, upgrade = false }: { method: string; target: string; headers: OutgoingHttpHeaders; signal: AbortSignal; upgrade?: boolean },
): ClientRequest {
  const passed = Object.entries(headers).filter(([name, value]) => !NOT_PASSED_ON.has(name) && value !== undefined);
  const options = {
    method,
    // A new connection each time: one that was kept may have been closed by a restart, and is found out by a failure.
    agent: false,
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port || (url.protocol === "https:" ? 443 : 80),
    path: `${prefixOf(url)}${target}`,
    headers: { ...Object.fromEntries(passed), ...(upgrade ? UPGRADE : {}), Host: url.host, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) },
    signal,
  };
  return url.protocol === "https:" ? tlsRequest({ ...options, ...(ca ? { ca } : {}), minVersion: "TLSv1.2" }) : plainRequest(options);
}

/** The path of the remote without a slash at its end. */
export function prefixOf({ pathname }: URL): string {
  return pathname.replace(/\/+$/, "");
}

/** Headers of the remote's answer that are for the client. */
export function passedBack(headers: NodeJS.Dict<string | string[]>, prefix: string): OutgoingHttpHeaders {
  const kept = Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.has(name) && name !== "set-cookie");
  const { location, ...rest } = Object.fromEntries(kept);
  if (typeof location !== "string") return rest;
  // The client knows nothing of the prefix.
  return { ...rest, location: prefix !== "" && location.startsWith(`${prefix}/`) ? location.slice(prefix.length) : location };
}
