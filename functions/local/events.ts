import type { IncomingMessage, ServerResponse } from "node:http";
import type { Change } from "../../shared/events/change.ts";
import { decodeEvent, isReadable, MAX_EVENT_BYTES } from "../../shared/events/decode.ts";
import { isRefusal } from "../../shared/events/decoded.ts";
import { parseEventPath } from "../../shared/events/event-path.ts";
import { isValidToken } from "../../shared/events/event-token.ts";

/** A cluster whose events are taken. */
export interface EventCluster {
  /** Those that are valid now: two while they are rotated. Secrets. */
  readonly tokens: readonly string[];
  /** Must return at once: the sender, an API server in the middle of a write, waits. */
  offer(change: Change): void;
}

/** What became of a request, for logs and metrics. No secrets. */
export interface EventOutcome {
  /** Absent where the sender was not let in. */
  readonly cluster?: string;
  /** HTTP status. */
  readonly status: number;
  /** What is wrong with it; absent where nothing is. */
  readonly message?: string;
  readonly changes: number;
}

/**
 * Answers `POST /v1/clusters/<cluster>/events/<token>`: admission reviews, audit events and CloudEvents (DESIGN.md
 * 4.4). Who may not send is told so before anything is read, what is too large before it is parsed; nobody waits for a
 * pass.
 */
export function createEventEndpoint(
  clusters: ReadonlyMap<string, EventCluster>,
  onEvent: (outcome: EventOutcome) => void = () => undefined,
): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  return async (req, res) => {
    const outcome = await handle(clusters, req);
    if (outcome === undefined) return;
    onEvent(outcome.told);
    say(req, res, outcome);
  };
}

interface Handled {
  readonly told: EventOutcome;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON that the sender waits for. */
  readonly answer?: unknown;
}

/** Undefined where the sender has gone before it said everything. */
async function handle(clusters: ReadonlyMap<string, EventCluster>, req: IncomingMessage): Promise<Handled | undefined> {
  const path = parseEventPath(req.url ?? "");
  if (!path) return refusal(404, "events are sent to /v1/clusters/<cluster>/events/<token>");
  if (req.method !== "POST") return refusal(405, "events are sent by POST", { headers: { Allow: "POST" } });
  const cluster = clusters.get(path.cluster);
  // Whether there is such a cluster is for those to know who have its token.
  if (!isValidToken(path.token, cluster?.tokens) || !cluster) return refusal(403, "the cluster or the token is wrong");
  const of = { cluster: path.cluster };
  if (!isReadable(req.headers)) return refusal(415, "the content type must be JSON, without content-encoding", of);
  if (Number(req.headers["content-length"] ?? 0) > MAX_EVENT_BYTES) return refusal(413, TOO_LARGE, of);
  const body = await readBody(req);
  if (body === "gone") return undefined;
  if (body === "too-large") return refusal(413, TOO_LARGE, of);

  const decoded = decodeEvent({ headers: req.headers, body });
  if (isRefusal(decoded)) return refusal(decoded.status, decoded.message, of);
  for (const change of decoded.changes) cluster.offer(change);
  const status = decoded.answer === undefined ? 202 : 200;
  return { told: { ...of, status, changes: decoded.changes.length }, answer: decoded.answer };
}

const TOO_LARGE = `an event has at most ${MAX_EVENT_BYTES} bytes`;

function refusal(status: number, message: string, { cluster, headers }: { cluster?: string; headers?: Record<string, string> } = {}): Handled {
  return { told: { ...(cluster === undefined ? {} : { cluster }), status, message, changes: 0 }, ...(headers ? { headers } : {}) };
}

/** Does not destroy the request where it is too large: that would take the connection from under the answer. */
function readBody(req: IncomingMessage): Promise<Buffer | "too-large" | "gone"> {
  const { promise, resolve } = Promise.withResolvers<Buffer | "too-large" | "gone">();
  const chunks: Buffer[] = [];
  let size = 0;
  req.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_EVENT_BYTES) return void chunks.push(chunk);
    req.pause();
    resolve("too-large");
  });
  req.once("end", () => resolve(Buffer.concat(chunks)));
  req.once("error", () => resolve("gone"));
  req.once("close", () => resolve("gone"));
  return promise;
}

function say(req: IncomingMessage, res: ServerResponse, { told: { status, message }, headers, answer }: Handled): void {
  const isJson = answer !== undefined;
  const body = isJson ? JSON.stringify(answer) : message === undefined ? "" : `${message}\n`;
  res.writeHead(status, {
    "Content-Type": isJson ? "application/json" : "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    // What was not read stands in the way of the next request.
    ...(req.complete ? {} : { Connection: "close" }),
    ...headers,
  });
  res.end(body, () => {
    if (!req.complete) res.socket?.destroySoon();
  });
}
