import { once } from "node:events";
import { createServer, maxHeaderSize } from "node:http";
import { connect } from "node:net";
import { WebSocket } from "ws";
import { createCds } from "../../shared/cds/server.ts";
import { MemorySource } from "./cds-source.ts";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { ClientOptions } from "ws";
import type { Cds, CdsOptions } from "../../shared/cds/server.ts";

/** A CDS server on a port of its own, with a source that the test sets. */
export interface Running {
  readonly source: MemorySource;
  readonly cds: Cds;
  readonly server: Server;
  readonly port: number;
  stop(): Promise<void>;
}

export async function run(options: Omit<Partial<CdsOptions>, "source"> & { ready?: boolean } = {}): Promise<Running> {
  const { ready = true, ...rest } = options;
  const source = new MemorySource();
  source.ready = ready;
  return serveOn(source, [createCds({ source, ...rest })]);
}

/** The first answers what no other handles. */
export async function serveOn(source: MemorySource, all: readonly [Cds, ...Cds[]]): Promise<Running> {
  const [cds] = all;
  const of = (target = ""): Cds => all.find((one) => one.handles(target)) ?? cds;
  const server = createServer({ maxHeaderSize }, (req, res) => of(req.url).handle(req, res));
  server.on("upgrade", (req, socket, head) => of(req.url).upgrade(req, socket, head));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  async function stop(): Promise<void> {
    await Promise.all(all.map((one) => one.close()));
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
  return { source, cds, server, port, stop };
}

/** A watch by the `ws` client that keeps what it is sent. */
export class Watch {
  readonly ws: WebSocket;
  readonly #messages: string[] = [];
  #wake: () => void = () => undefined;

  constructor(port: number, path: string, options: ClientOptions = {}) {
    this.ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
    this.ws.on("message", (data, isBinary) => {
      this.#messages.push(isBinary ? "binary" : String(data));
      this.#wake();
    });
    this.ws.on("error", () => undefined);
  }

  /** Opens a watch and waits for the handshake. */
  static async open(port: number, path: string, options?: ClientOptions): Promise<Watch> {
    const watch = new Watch(port, path, options);
    await once(watch.ws, "open");
    return watch;
  }

  /** The next message, as soon as there is one. */
  async next(): Promise<string> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Everything that came until now: frames keep their order, so what comes before the pong was sent before it. */
  async soFar(): Promise<string[]> {
    const pong = once(this.ws, "pong");
    this.ws.ping();
    await pong;
    return this.#messages.splice(0);
  }

  /** Code of the close frame that the server sent, 1006 where it sent none. */
  async closed(): Promise<number> {
    if (this.ws.readyState === WebSocket.CLOSED) return 1006;
    const [code]: unknown[] = await once(this.ws, "close");
    return Number(code);
  }
}

/** A TCP connection that keeps what it reads. */
export class Wire {
  readonly socket: Socket;
  #bytes = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  ended = false;

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    this.socket.on("data", (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
    for (const event of ["end", "close", "error"]) {
      this.socket.on(event, () => {
        this.ended = true;
        this.#wake();
      });
    }
  }

  static async open(port: number): Promise<Wire> {
    const wire = new Wire(port);
    await once(wire.socket, "connect");
    return wire;
  }

  send(bytes: string | Buffer): this {
    this.socket.write(bytes);
    return this;
  }

  /** Waits until what was read satisfies, or the server has ended the connection. Takes everything read. */
  async read(enough: (bytes: Buffer) => boolean = () => false): Promise<Buffer> {
    while (!enough(this.#bytes) && !this.ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const bytes = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return bytes;
  }

  /** Reads the head of an HTTP answer, and the body as far as it has come with it. */
  async head(): Promise<string> {
    return (await this.read((bytes) => bytes.includes("\r\n\r\n"))).toString("latin1");
  }
}

/** Sends the bytes of one request on a connection of its own and returns the whole answer. */
export async function exchange(port: number, bytes: string | Buffer): Promise<{ status: number; head: string; body: string }> {
  const wire = await Wire.open(port);
  const answer = (await wire.send(bytes).read()).toString();
  wire.socket.destroy();
  const end = answer.indexOf("\r\n\r\n");
  return { status: Number(answer.slice(9, 12)), head: answer.slice(0, end), body: answer.slice(end + 4) };
}

/** The bytes of a plain request. */
export function plain(target: string, method = "GET", headers: readonly string[] = []): string {
  return [`${method} ${target} HTTP/1.1`, "Host: cds", "Connection: close", ...headers, "", ""].join("\r\n");
}

/** The bytes of a WebSocket handshake. */
export function handshake(target: string, headers: readonly string[] = []): string {
  return [
    `GET ${target} HTTP/1.1`,
    "Host: cds",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    ...headers,
    "",
    "",
  ].join("\r\n");
}

/** One frame as a client sends it: masked (RFC 6455, 5.3), short payloads only. */
export function clientFrame(opcode: number, payload: string | Buffer = "", mask: readonly number[] = [1, 2, 3, 4]): Buffer {
  const data = Buffer.from(payload);
  if (data.length > 125) throw new Error("too long for a short frame");
  const masked = data.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | data.length, ...mask]), masked]);
}

/** Waits for a condition that no event tells of. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
