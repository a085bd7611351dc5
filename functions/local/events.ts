import type { IncomingMessage, ServerResponse } from "node:http";
import type { Judge } from "../../shared/admission/verdict.ts";
import { failure as failureOf } from "../../shared/cds/refusals.ts";
import type { Change } from "../../shared/events/change.ts";
import { decodeEvent, isReadable, MAX_EVENT_BYTES } from "../../shared/events/decode.ts";
import { isRefusal } from "../../shared/events/decoded.ts";
import { parseEventPath } from "../../shared/events/event-path.ts";
import { isValidToken } from "../../shared/events/event-token.ts";
import { readEventBody } from "./event-body.ts";
import { writeAnswer } from "./write-answer.ts";

/** A cluster whose events are taken. */
export interface EventCluster {
  /** Those that are valid now: two while they are rotated. Secrets. */
  readonly tokens: readonly string[];
  /** Must return at once: the sender, an API server in the middle of a write, waits. */
  offer(change: Change): void;
  /** What is thought of a write that it asks about; absent: everything is allowed. */
  readonly judge?: Judge;
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
  { derived = () => [], atATime = AT_A_TIME }: EventOptions = {},
): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  const reading = new Map<string, number>();

  async function handle(req: IncomingMessage): Promise<Handled | undefined> {
    const path = parseEventPath(req.url ?? "");
    if (!path) return refusal(404, "Events are sent to /v1/clusters/<cluster>/events/<token>");
    if (req.method !== "POST") return refusal(405, "Only POST is answered here", { headers: { Allow: "POST" } });
    const cluster = clusters.get(path.cluster);
    // Whether there is such a cluster is for those to know who have its token.
    if (!isValidToken(path.token, [...(cluster?.tokens ?? NOBODY), ...derived(path.cluster)]) || !cluster) return refusal(403, "The cluster or the token is wrong");
    const of = { cluster: path.cluster };
    const headers = withoutGzip(req.headers);
    if (!isReadable(headers)) return refusal(415, "The content type must be JSON, plain or with gzip", of);
    if (Number(req.headers["content-length"] ?? 0) > MAX_EVENT_BYTES) return refusal(413, TOO_LARGE, of);
    const count = reading.get(path.cluster) ?? 0;
    if (count >= atATime) return refusal(429, "Too many events at a time", { ...of, headers: { "Retry-After": "1" } });
    reading.set(path.cluster, count + 1);
    const body = await readEventBody(req, MAX_EVENT_BYTES).finally(() => reading.set(path.cluster, (reading.get(path.cluster) ?? 1) - 1));
    if (body === "gone") return undefined;
    if (body === "too-large") return refusal(413, TOO_LARGE, of);
    if (body === "not-gzip") return refusal(400, "The body is not what its content-encoding says", of);

    const decoded = decodeEvent({ headers, body }, cluster.judge);
    if (isRefusal(decoded)) return refusal(decoded.status, decoded.message, of);
    for (const change of decoded.changes) cluster.offer(change);
    const status = decoded.answer === undefined ? 202 : 200;
    return { told: { ...of, status, changes: decoded.changes.length }, answer: decoded.answer };
  }

  return async (req, res) => {
    const outcome = await handle(req);
    if (outcome === undefined) return;
    onEvent(outcome.told);
    say(req, res, outcome);
  };
}

export interface EventOptions {
  /** Further tokens of a cluster, be there such a cluster or not. Secrets. */
  readonly derived?: ((cluster: string) => readonly string[]) | undefined;
  /** Events of one cluster that are read at a time; more are answered 429. Each takes memory. */
  readonly atATime?: number;
}

const AT_A_TIME = 64;
/** What an unknown cluster is compared with, so that it takes as long as a known one. */
const NOBODY: readonly string[] = [""];

interface Handled {
  readonly told: EventOutcome;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON that the sender waits for. */
  readonly answer?: unknown;
}

const TOO_LARGE = `An event has at most ${MAX_EVENT_BYTES} bytes`;

function refusal(status: number, message: string, { cluster, headers }: { cluster?: string; headers?: Record<string, string> } = {}): Handled {
  return { told: { ...(cluster === undefined ? {} : { cluster }), status, message, changes: 0 }, ...(headers ? { headers } : {}) };
}

/** The headers of what comes out of a body in gzip. */
function withoutGzip({ "content-encoding": encoding, ...headers }: IncomingMessage["headers"]): IncomingMessage["headers"] {
  return encoding === undefined || encoding.toLowerCase() === "gzip" ? headers : { ...headers, "content-encoding": encoding };
}

function say(req: IncomingMessage, res: ServerResponse, { told: { status, message }, headers, answer }: Handled): void {
  if (message !== undefined) {
    const told = failureOf(status, message, headers);
    return writeAnswer(req, res, { ...told, body: String(told.body) });
  }
  const body = answer === undefined ? "" : JSON.stringify(answer);
  writeAnswer(req, res, { status, body, headers: { ...(answer === undefined ? {} : { "Content-Type": "application/json" }), ...headers } });
}
