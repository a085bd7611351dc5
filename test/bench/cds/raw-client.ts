import { connect } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";

/** A watching connection that costs the benchmark next to nothing: it only tells how long each frame is and when it came. */
export interface RawWatcher {
  readonly socket: Socket;
  /** When each text frame was complete, in nanoseconds of the monotonic clock, which all processes share. */
  readonly arrivals: bigint[];
}

/** What a client needs that comes over TLS, with a token. */
export interface Secure {
  readonly tls: ConnectionOptions;
  readonly token: string;
}

const HEAD_END = "\r\n\r\n";

/**
 * Opens a watch exactly as stunnerd does (spec/cds.md 3.1).
 * @param onText called for every complete text frame
 * @param secure as a proxy beside stunnerd does it; absent: plain
 */
export function openWatch(port: number, path: string, onText: (watcher: RawWatcher) => void, secure?: Secure): Promise<RawWatcher> {
  const opened = Promise.withResolvers<RawWatcher>();
  const to = { port, host: "127.0.0.1", noDelay: true };
  const socket = secure === undefined ? connect(to) : connectTls({ ...to, ...secure.tls });
  const watcher: RawWatcher = { socket, arrivals: [] };
  let head = "";
  let upgraded = false;
  const frames = new FrameCounter(() => {
    watcher.arrivals.push(process.hrtime.bigint());
    onText(watcher);
  });
  socket.on("error", opened.reject);
  socket.on(secure === undefined ? "connect" : "secureConnect", () => socket.write(handshake(port, path, secure?.token)));
  socket.on("close", () => opened.reject(new Error("closed before it was a watch")));
  socket.on("data", (chunk) => {
    if (upgraded) {
      frames.feed(chunk);
      return;
    }
    head += chunk.toString("latin1");
    const end = head.indexOf(HEAD_END);
    if (end < 0) return;
    if (!head.startsWith("HTTP/1.1 101 ")) opened.reject(new Error(head));
    upgraded = true;
    opened.resolve(watcher);
    frames.feed(Buffer.from(head.slice(end + HEAD_END.length), "latin1"));
    head = "";
  });
  return opened.promise;
}

/** The request of a watch, byte for byte as stunnerd sends it. */
export function handshake(port: number, path: string, token?: string): string {
  const query = path.slice(path.indexOf("?"));
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "User-Agent: Go-http-client/1.1",
    "Connection: Upgrade",
    `Origin: http://127.0.0.1:${port}${query}`,
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    "Upgrade: websocket",
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    "",
    "",
  ].join("\r\n");
}

/** Follows the frames of a server in a stream of bytes without keeping them. */
class FrameCounter {
  readonly #onText: () => void;
  #header: number[] = [];
  #left = 0;
  #inBody = false;

  constructor(onText: () => void) {
    this.#onText = onText;
  }

  feed(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (!this.#inBody) {
        this.#header.push(chunk[at] ?? 0);
        at += 1;
        const length = lengthOf(this.#header);
        if (length === undefined) continue;
        this.#left = length;
        this.#inBody = true;
      }
      const taken = Math.min(this.#left, chunk.length - at);
      this.#left -= taken;
      at += taken;
      if (this.#left > 0) continue;
      if (this.#header[0] === 0x81) this.#onText();
      this.#header = [];
      this.#inBody = false;
    }
  }
}

/** The payload length that a frame header tells, undefined while it is not complete. */
function lengthOf(header: readonly number[]): number | undefined {
  const first = header[1];
  if (first === undefined) return undefined;
  const extra = first === 126 ? 2 : first === 127 ? 8 : 0;
  if (header.length < 2 + extra) return undefined;
  return extra === 0 ? first : header.slice(2, 2 + extra).reduce((sum, byte) => sum * 256 + byte, 0);
}
