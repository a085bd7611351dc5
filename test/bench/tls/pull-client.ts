import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import type { Secure } from "../cds/raw-client.ts";

/** What was answered to one poll. */
export interface Polled {
  readonly status: number;
  /** What the server wants clients to wait, in seconds. */
  readonly interval: number;
}

/** Polls that each connection lasts, in turn: one to fetch what may be new, then ten that follow each other, as the rendered script does it after a change. */
export const AS_THE_SCRIPT: readonly number[] = [1, 10];

/** A pod with delivery pull: asks for its configuration with the tag of the one that it has. */
export class PullClient {
  readonly #port: number;
  readonly #path: string;
  readonly #secure: Secure;
  readonly #lasting: readonly number[];
  #tag = "";
  #socket: TLSSocket | undefined;
  #connections: number;
  #left = 0;

  /** @param number of this client, so that not all of them make connections at the same polls */
  constructor(port: number, path: string, secure: Secure, lasting: readonly number[], number: number) {
    this.#port = port;
    this.#path = path;
    this.#secure = secure;
    this.#lasting = lasting;
    this.#connections = number;
  }

  async poll(): Promise<Polled> {
    this.#socket ??= await this.#connect();
    const socket = this.#socket;
    const answer = answerOf(socket);
    socket.write(this.#request());
    const head = await answer;
    this.#left -= 1;
    if (this.#left <= 0) this.leave();
    this.#tag = /^etag: (\S+)\r$/im.exec(head)?.[1] ?? this.#tag;
    return { status: Number(head.slice(9, 12)), interval: Number(/^stunner-poll-interval: (\d+)\r$/im.exec(head)?.[1]) };
  }

  leave(): void {
    this.#socket?.on("error", () => undefined).end();
    this.#socket = undefined;
  }

  async #connect(): Promise<TLSSocket> {
    const to = { port: this.#port, host: "127.0.0.1", noDelay: true };
    const socket = connect({ ...to, ...this.#secure.tls });
    this.#left = this.#lasting[this.#connections % this.#lasting.length] ?? 1;
    // The first one ends at any poll of those that it could last.
    if (this.#tag === "") this.#left = 1 + (this.#connections % Math.min(this.#left, 10));
    this.#connections += 1;
    await once(socket, "secureConnect");
    return socket;
  }

  /** With the headers of curl. */
  #request(): string {
    const lines = [`GET ${this.#path} HTTP/1.1`, "Host: cds.example.com", "User-Agent: curl/8.16.0", "Accept: */*", `Authorization: Bearer ${this.#secure.token}`];
    return [...lines, ...(this.#tag === "" ? [] : [`If-None-Match: ${this.#tag}`]), "", ""].join("\r\n");
  }
}

/** Head of the answer, when the whole of it has come. */
function answerOf(socket: TLSSocket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  const onClose = (): void => reject(new Error(`no answer but ${text.slice(0, 40)}`));
  const onData = (chunk: Buffer): void => {
    text += chunk.toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    const length = Number(/^content-length: (\d+)\r$/im.exec(text)?.[1] ?? 0);
    if (end < 0 || text.length < end + 4 + length) return;
    socket.off("data", onData).off("close", onClose).off("error", reject);
    resolve(text.slice(0, end + 2));
  };
  socket.on("data", onData).on("close", onClose).on("error", reject);
  return promise;
}
