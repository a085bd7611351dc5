import type { IncomingMessage } from "node:http";
import type { Answer } from "../../../shared/cds/answer.ts";
import { failure, methodNotAllowed, pageNotFound } from "../../../shared/cds/refusals.ts";
import { isLoopback } from "../../../shared/settings/address.ts";
import { hasBody } from "../write-answer.ts";

const API = "/api/v1/";

/**
 * Why a request is not passed on; undefined: it is. Whoever can connect gets what the token opens, so a page in a browser
 * of this machine must not be able to: it comes with an `Origin` of its own, or, where it has its name resolve to
 * loopback, with a `Host` that is none of ours.
 * @param isPrivate only loopback is listened on
 */
export function refusalOf(req: IncomingMessage, isPrivate: boolean): Answer | undefined {
  const { method = "", url = "", headers } = req;
  if (!url.startsWith(API) || !isPlain(url)) return pageNotFound();
  if (isPrivate && !isLoopbackName(headers.host ?? "")) return failure(403, "Only requests to a loopback address are answered here");
  if (headers.origin !== undefined && !isOwnOrigin(headers.origin, headers.host ?? "")) return failure(403, "Requests from web pages are not answered here");
  if (method !== "GET" && method !== "HEAD") return methodNotAllowed("GET, HEAD");
  return hasBody(req) ? failure(413, "A request has no body here") : undefined;
}

/** Nothing in it that a server might take for a way out of the prefix. */
function isPlain(target: string): boolean {
  const path = target.split("?")[0] ?? "";
  return URL.parse(path, "http://any")?.pathname === path && !path.includes("//");
}

/** `host:port`, `[ipv6]:port`; `:port` is what stunnerd sends for an origin without a host (spec/cds.md 3.1). */
function isLoopbackName(host: string): boolean {
  const name = host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
  return name === "" ? host !== "" : isLoopback(name);
}

/** stunnerd's own has a query after the port, and no path (spec/cds.md 3.1). */
function isOwnOrigin(origin: string, host: string): boolean {
  const [, rest = ""] = /^https?:\/\/([^/?#]*)/.exec(origin) ?? [];
  return rest !== "" && rest.toLowerCase() === host.toLowerCase();
}
