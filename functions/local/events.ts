import type { IncomingMessage, ServerResponse } from "node:http";
import type { Judge } from "../../shared/admission/verdict.ts";
import { failure as failureOf } from "../../shared/cds/refusals.ts";
import type { Change } from "../../shared/events/change.ts";
import { admitEvent, type EventTokens, isRefusedEvent, refuseBody, type RefusedEvent } from "../../shared/events/admit-event.ts";
import { decodeEvent, MAX_EVENT_BYTES } from "../../shared/events/decode.ts";
import { isRefusal } from "../../shared/events/decoded.ts";
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
    const { method = "", url = "", headers } = req;
    const admitted = admitEvent({ method, url, headers }, tokensOf);
    if (isRefusedEvent(admitted)) return refusal(admitted);
    const { cluster: name } = admitted;
    const count = reading.get(name) ?? 0;
    if (count >= atATime) return refusal({ cluster: name, status: 429, message: "Too many events at a time", headers: { "Retry-After": "1" } });
    reading.set(name, count + 1);
    const body = await readEventBody(req, MAX_EVENT_BYTES).finally(() => reading.set(name, (reading.get(name) ?? 1) - 1));
    if (body === "gone") return undefined;
    if (typeof body === "string") return refusal(refuseBody(name, body));

    const cluster = clusters.get(name);
    const decoded = decodeEvent({ headers: admitted.headers, body }, cluster?.judge);
    if (isRefusal(decoded)) return refusal({ cluster: name, status: decoded.status, message: decoded.message });
    for (const change of decoded.changes) cluster?.offer(change);
    const status = decoded.answer === undefined ? 202 : 200;
    return { told: { cluster: name, status, changes: decoded.changes.length }, answer: decoded.answer };
  }

  const tokensOf = (name: string): EventTokens => {
    const cluster = clusters.get(name);
    return { tokens: [...(cluster?.tokens ?? NOBODY), ...derived(name)], isKnown: cluster !== undefined };
  };

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

function refusal({ headers, ...told }: RefusedEvent): Handled {
  return { told: { ...told, changes: 0 }, ...(headers ? { headers } : {}) };
}

function say(req: IncomingMessage, res: ServerResponse, { told: { status, message }, headers, answer }: Handled): void {
  if (message !== undefined) {
    const told = failureOf(status, message, headers);
    return writeAnswer(req, res, { ...told, body: String(told.body) });
  }
  const body = answer === undefined ? "" : JSON.stringify(answer);
  writeAnswer(req, res, { status, body, headers: { ...(answer === undefined ? {} : { "Content-Type": "application/json" }), ...headers } });
}
