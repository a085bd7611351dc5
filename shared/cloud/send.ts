import { setTimeout as sleep } from "node:timers/promises";
import { isPassing } from "./errors.ts";

export interface CloudRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
}

export interface CloudAnswer {
  /** 0: there was none. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** Whether an earlier try may have been carried out: its answer got lost, or told of a fault. */
  readonly isRepeated: boolean;
  /** Why there was no answer. */
  readonly cause?: unknown;
}

/** What sending needs of the world; times are milliseconds. */
export interface SendOptions {
  /** Tries in all; by default 6. */
  readonly attempts?: number;
  /** For each try; by default 10,000. */
  readonly timeout?: number;
  /** After so long in all no further try begins; by default 20,000. */
  readonly budget?: number;
  /** Whether an answer asks for another try though its status does not. */
  readonly again?: (answer: CloudAnswer) => boolean;
  /** From 0 to 1. */
  readonly random?: () => number;
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

const ATTEMPTS = 6;
const TIMEOUT = 10_000;
const BUDGET = 20_000;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/**
 * Sends a request, and sends it again where that may help, after a pause that doubles and varies, or that the service asks
 * for (Retry-After). It is prepared anew each time: signatures and tokens age. Never rejects on what the service does: the
 * last answer is the result, with status 0 where there was none.
 * @throws what `prepare` throws
 */
export async function send(prepare: () => Promise<CloudRequest>, options: SendOptions = {}): Promise<CloudAnswer> {
  const { attempts = ATTEMPTS, timeout = TIMEOUT, budget = BUDGET, again = () => false } = options;
  const { random = Math.random, wait = (milliseconds) => sleep(milliseconds) } = options;
  const end = performance.now() + budget;
  let isRepeated = false;
  for (let attempt = 1; ; attempt += 1) {
    const answer: CloudAnswer = { ...(await once(await prepare(), timeout)), isRepeated };
    if (attempt >= attempts || !(isPassing(answer.status) || again(answer))) return answer;
    const pause = pauseBefore(attempt, answer.headers.get("retry-after"), random());
    if (pause > LONGEST_PAUSE || performance.now() + pause > end) return answer;
    // One that was told to slow down has done nothing.
    isRepeated ||= answer.status === 0 || (answer.status >= 500 && answer.status !== 503);
    await wait(pause);
  }
}

async function once({ url, method, headers, body }: CloudRequest, timeout: number): Promise<Omit<CloudAnswer, "isRepeated">> {
  try {
    // A redirection would take the credentials somewhere else.
    const init = { method, redirect: "manual", signal: AbortSignal.timeout(timeout), headers: { ...headers } } as const;
    const response = await fetch(url, body === undefined ? init : { ...init, body });
    return { status: response.status, headers: response.headers, body: new Uint8Array(await response.arrayBuffer()) };
  } catch (cause) {
    return { status: 0, headers: new Headers(), body: new Uint8Array(), cause };
  }
}

/** What the service asks for is the least; many who are told the same do not come back at once. */
function pauseBefore(attempt: number, retryAfter: string | null, random: number): number {
  const backoff = Math.min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE / 2) * (0.5 + random);
  const asked = /^\d{1,6}$/.test(retryAfter ?? "") ? Number(retryAfter) * 1000 : 0;
  return asked === 0 ? backoff : asked + FIRST_PAUSE * random * Number(asked < LONGEST_PAUSE);
}
