import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { createInterface } from "node:readline";
import type { Json } from "../support/json.ts";
import type { Certificate } from "./pki.ts";

/** Who a client is: the owner of a token, or of a certificate. */
export type Credentials = { readonly token: string } | Certificate;

/** What the API server answered, whatever the status. */
export interface Answer {
  readonly status: number;
  /** The parsed JSON, or the text where it is no JSON. */
  readonly body: Json;
}

export interface SendOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Raw requests to one API server as one user. */
export interface Transport {
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
  /** The answer's lines, until the server ends it or `signal` aborts; nothing where the status is not 200, but `status` is called. */
  lines(path: string, signal: AbortSignal | undefined, status: (code: number) => void): AsyncGenerator<string>;
  close(): void;
}

export interface TransportOptions {
  readonly url: string;
  readonly ca: string;
  readonly credentials: Credentials;
  readonly userAgent: string;
}

const TIMEOUT = 30_000;

export function createTransport({ url, ca, credentials, userAgent }: TransportOptions): Transport {
  const isToken = "token" in credentials;
  const identity = isToken ? {} : { cert: credentials.certificate, key: credentials.key };
  const agent = new Agent({ keepAlive: true, maxSockets: 64, ca, ...identity });
  const always = { "user-agent": userAgent, ...(isToken ? { authorization: `Bearer ${credentials.token}` } : {}) };
  const open = (method: string, path: string, sent: SendOptions, signal?: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const { body, contentType = "application/json", headers } = sent;
      const text = body === undefined ? undefined : JSON.stringify(body);
      const ofBody = text === undefined ? {} : { "content-type": contentType, "content-length": Buffer.byteLength(text) };
      const options = { method, agent, headers: { ...always, ...ofBody, ...headers }, ...(signal ? { signal } : { timeout: TIMEOUT }) };
      const out = request(new URL(path, url), options, resolve);
      out.once("timeout", () => out.destroy(new Error(`no answer after ${TIMEOUT} ms: ${method} ${path}`)));
      out.once("error", reject);
      out.end(text);
    });
  return {
    async send(method, path, options = {}) {
      const answer = await open(method, path, options);
      return { status: answer.statusCode ?? 0, body: parse(await textOf(answer)) };
    },
    async *lines(path, signal, status) {
      const stop = signal ?? new AbortController().signal;
      const answer = await open("GET", path, {}, stop);
      status(answer.statusCode ?? 0);
      try {
        if (answer.statusCode === 200) yield* createInterface({ input: answer, crlfDelay: Infinity });
      } finally {
        answer.destroy();
      }
    },
    close: () => agent.destroy(),
  };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
