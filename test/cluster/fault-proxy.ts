import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Cluster } from "./cluster.ts";

/** What becomes of a request in place of its answer. */
export type Fault =
  /** Answered so, and never told to the server. */
  | { readonly answer: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  /** The connection ends before the server is told. */
  | "cut"
  /** The server carries it out, and the connection ends before its answer, or in the middle of it. */
  | "cut-after"
  | "cut-within"
  /** No answer, ever; the server is not told. */
  | "hang"
  /** The status and half of the answer, and then nothing. */
  | "hang-within"
  /** The status, and nothing of what comes after, as long as the connection lasts. */
  | "stall"
  /** The server's answer, changed. */
  | { readonly change: (body: unknown) => unknown }
  /** The server carries it out; then something happens, and the connection ends before the answer. */
  | { readonly after: () => void }
  /** The server is told as soon as something has happened. */
  | { readonly until: Promise<unknown> };

export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Of all requests, counted from 1. */
  readonly number: number;
}

/** A real HTTP proxy in front of an API server, that spoils what it is told to spoil. Speaks plain HTTP: users need tokens. */
export interface FaultProxy {
  readonly url: string;
  /** Every request so far. */
  readonly asked: readonly Asked[];
  /** Decides from now on; undefined lets a request through. */
  spoil(decide: (asked: Asked) => Fault | undefined): void;
  /** Cuts every connection that there is. */
  cut(): void;
  close(): Promise<void>;
}

export interface FaultProxyOptions {
  /** The most objects that a page of a list has, whatever is asked for: small clusters have several pages then. */
  readonly page?: number;
}

export async function startFaultProxy({ url, ca }: Pick<Cluster, "url" | "ca">, { page }: FaultProxyOptions = {}): Promise<FaultProxy> {
  const agent = new Agent({ ca, keepAlive: true });
  const asked: Asked[] = [];
  let decide: FaultProxy["spoil"] extends (decide: infer D) => void ? D : never = letThrough;
  const server = createServer(async (incoming, outgoing) => {
    const { method = "GET", url: path = "/" } = incoming;
    const one = { method, path, number: asked.length + 1 };
    asked.push(one);
    const fault = decide(one);
    const body = await buffer(incoming).catch(() => Buffer.alloc(0));
    if (isHeld(fault)) await fault.until;
    if (fault === "cut") incoming.socket.destroy();
    else if (isAnswer(fault)) reply(outgoing, fault.answer, fault.headers ?? {}, fault.body ?? {});
    else if (fault !== "hang") await forward(new URL(paged(path, page), url), agent, incoming, body, outgoing, fault).catch(() => incoming.socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    spoil(next) {
      decide = next;
    },
    cut: () => server.closeAllConnections(),
    async close() {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function letThrough(): undefined {}

function paged(path: string, page: number | undefined): string {
  return page === undefined ? path : path.replace(/(?<=[?&])limit=\d+/, `limit=${page}`);
}

type AfterAnswer = Exclude<Fault, "cut" | "hang" | { readonly answer: number }>;

function isHeld(fault: Fault | undefined): fault is Extract<Fault, { until: Promise<unknown> }> {
  return typeof fault === "object" && "until" in fault;
}

function isAnswer(fault: Fault | undefined): fault is Extract<Fault, { answer: number }> {
  return typeof fault === "object" && "answer" in fault;
}

async function forward(to: URL, agent: Agent, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse, fault: AfterAnswer | undefined): Promise<void> {
  const sent = request(to, { agent, method: incoming.method ?? "GET", headers: { ...incoming.headers, host: to.host } });
  outgoing.once("close", () => sent.destroy());
  sent.end(body);
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  const status = answer.statusCode ?? 502;
  if (fault === undefined || isHeld(fault)) {
    outgoing.writeHead(status, answer.headers);
    answer.pipe(outgoing);
    return;
  }
  if (fault === "stall") {
    answer.resume();
    outgoing.writeHead(status, answer.headers);
    outgoing.flushHeaders();
    return;
  }
  const whole = await buffer(answer);
  if (typeof fault === "object" && "after" in fault) fault.after();
  if (fault === "cut-after" || (typeof fault === "object" && "after" in fault)) incoming.socket.destroy();
  else if (typeof fault === "object") reply(outgoing, status, {}, fault.change(JSON.parse(whole.toString("utf8"))));
  else {
    outgoing.writeHead(status, { ...answer.headers, "content-length": String(whole.length) });
    outgoing.write(whole.subarray(0, whole.length / 2), () => fault === "cut-within" && incoming.socket.destroy());
  }
}

function reply(outgoing: ServerResponse, status: number, headers: Readonly<Record<string, string>>, body: unknown): void {
  outgoing.writeHead(status, { "content-type": "application/json", ...headers });
  outgoing.end(typeof body === "string" ? body : JSON.stringify(body));
}
