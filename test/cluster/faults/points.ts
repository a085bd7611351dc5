import { statusOf } from "../../unit/kube-peer.ts";
import type { Asked, Fault } from "../fault-proxy.ts";
import type { StoreFault } from "./failing-store.ts";

/** One request of a pass, and what becomes of it. */
export interface Point {
  /** `GET /apis` of the API server, `put clusters/test/index.json` of the store; what differs from run to run is cut out. */
  readonly request: string;
  /** Which of several such requests, from 1. */
  readonly nth: number;
  readonly name: string;
  readonly fault: Fault | StoreFault;
  /** Whether each further such request of the pass meets the same, however often it is tried. */
  readonly lasts: boolean;
}

const API_FAULTS: readonly (readonly [string, Fault])[] = [
  ["409", { answer: 409, body: statusOf(409, "Conflict") }],
  ["429", { answer: 429, headers: { "retry-after": "1" }, body: statusOf(429, "TooManyRequests") }],
  ["500", { answer: 500, body: statusOf(500, "InternalError") }],
  ["503", { answer: 503 }],
  ["cut", "cut"],
  ["cut after it was carried out", "cut-after"],
  ["cut within the answer", "cut-within"],
  ["silence", "hang"],
  ["silence within the answer", "hang-within"],
];
const LASTING: ReadonlySet<string> = new Set(["500", "cut after it was carried out", "silence", "410"]);
const EXPIRED: readonly [string, Fault] = ["410", { answer: 410, body: statusOf(410, "Expired") }];
const STORE_FAULTS: readonly StoreFault[] = ["fail", "lost", "hang", "late"];

export function apiRequest({ method, path }: Asked): string {
  return `${method} ${path.replace(/(?<=continue=)[^&]+/, "…")}`;
}

export function storeRequest(asked: string): string {
  return asked.replace(/\/lease\/\d+/, "/lease/n").replace(/\/[0-9a-f]{16,}\.json/, "/digest.json");
}

/** Every fault at every one of the requests. */
export function apiPoints(requests: readonly string[]): Point[] {
  return pointsOf(requests, (request) => (request.includes("continue=") ? [...API_FAULTS, EXPIRED] : API_FAULTS), (name) => LASTING.has(name));
}

export function storePoints(requests: readonly string[]): Point[] {
  return pointsOf(requests, () => STORE_FAULTS.map((fault) => [fault, fault] as const), (name) => name === "fail");
}

function pointsOf(
  requests: readonly string[],
  faultsOf: (request: string) => readonly (readonly [string, Fault | StoreFault])[],
  mayLast: (name: string) => boolean,
): Point[] {
  const counts = new Map<string, number>();
  return requests.flatMap((request) => {
    const nth = (counts.get(request) ?? 0) + 1;
    counts.set(request, nth);
    return faultsOf(request).flatMap(([name, fault]) => [false, ...(mayLast(name) ? [true] : [])].map((lasts) => ({ request, nth, name, fault, lasts })));
  });
}

export function pointText({ request, nth, name, lasts }: Point): string {
  return `${name}${lasts ? ", lasting," : ""} at ${request} (${nth})`;
}

/** Decides by a point what becomes of a request: to be asked in turn. */
export function aim<F extends Fault | StoreFault>({ request, nth, fault, lasts }: Point): { readonly decide: (asked: string) => F | undefined; hits(): number } {
  let [count, hits] = [0, 0];
  return {
    hits: () => hits,
    decide(asked) {
      if (asked !== request) return undefined;
      count += 1;
      if (count !== nth && !(lasts && count > nth)) return undefined;
      hits += 1;
      return fault as F;
    },
  };
}
