import type { RawEvent } from "./decode.ts";
import { isReadable, MAX_EVENT_BYTES } from "./decode.ts";
import { parseEventPath } from "./event-path.ts";
import { isValidToken } from "./event-token.ts";

/** What a request tells before its body is read. Names of headers in lower case. */
export interface EventHead {
  readonly method: string;
  /** Path, and query if any. */
  readonly url: string;
  readonly headers: RawEvent["headers"];
}

/** A sender that was let in. The headers are those of the body once it is out of gzip. */
export interface AdmittedEvent {
  readonly cluster: string;
  readonly headers: RawEvent["headers"];
}

/** Why an event is not taken. The message is for whoever set up the sender. */
export interface RefusedEvent {
  /** HTTP status. */
  readonly status: number;
  readonly message: string;
  /** Absent where the sender was not let in. */
  readonly cluster?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What opens the event path of a cluster, whether there is such a cluster or not: it must take as long. */
export interface EventTokens {
  /** Those that are valid now. Secrets; at least one, be it empty. */
  readonly tokens: readonly string[];
  readonly isKnown: boolean;
}

const TOO_LARGE = `An event has at most ${MAX_EVENT_BYTES} bytes`;

/**
 * Lets in `POST /v1/clusters/<cluster>/events/<token>` (DESIGN.md 4.4) by its head alone: who may not send is told so before
 * anything is read.
 */
export function admitEvent({ method, url, headers: given }: EventHead, tokensOf: (cluster: string) => EventTokens): AdmittedEvent | RefusedEvent {
  const path = parseEventPath(url);
  if (!path) return { status: 404, message: "Events are sent to /v1/clusters/<cluster>/events/<token>" };
  if (method !== "POST") return { status: 405, message: "Only POST is answered here", headers: { Allow: "POST" } };
  const { tokens, isKnown } = tokensOf(path.cluster);
  // Whether there is such a cluster is for those to know who have its token.
  if (!isValidToken(path.token, tokens) || !isKnown) return { status: 403, message: "The cluster or the token is wrong" };
  const { cluster } = path;
  const headers = withoutGzip(given);
  if (!isReadable(headers)) return { cluster, status: 415, message: "The content type must be JSON, plain or with gzip" };
  if (Number(headers["content-length"] ?? 0) > MAX_EVENT_BYTES) return { cluster, status: 413, message: TOO_LARGE };
  return { cluster, headers };
}

export function isRefusedEvent(event: AdmittedEvent | RefusedEvent): event is RefusedEvent {
  return "status" in event;
}

/** Why a body cannot be used. */
export function refuseBody(cluster: string, fault: "too-large" | "not-gzip"): RefusedEvent {
  if (fault === "too-large") return { cluster, status: 413, message: TOO_LARGE };
  return { cluster, status: 400, message: "The body is not what its content-encoding says" };
}

/** The headers of what comes out of a body in gzip. */
function withoutGzip({ "content-encoding": encoding, ...headers }: RawEvent["headers"]): RawEvent["headers"] {
  return encoding === undefined || isGzip(encoding) ? headers : { ...headers, "content-encoding": encoding };
}

/** @param encoding header `content-encoding` */
export function isGzip(encoding: RawEvent["headers"][string]): boolean {
  return typeof encoding === "string" && encoding.toLowerCase() === "gzip";
}
