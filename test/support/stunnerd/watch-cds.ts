import { WebSocket } from "ws";
import { log, type Dataplane } from "./dataplane.ts";

const PING_MS = 5_000;
const DEADLINE_MS = 8_000;
const PAUSE_MS = 1_000;
const HANDSHAKE_MS = 45_000;

export interface Origin {
  readonly origin: string;
  /** `namespace/name`. */
  readonly id: string;
  readonly node: string | undefined;
}

/**
 * The watch of spec/cds.md 3 and 5: plain `ws://`, whatever the origin says, path and query of the origin dropped; a ping
 * every 5 s; cut 8 s after the last pong or message; one second after every end the next try.
 */
export function watchCds({ origin, id, node }: Origin, dataplane: Dataplane): () => void {
  const authority = /^(?:[a-z]+:\/\/)?([^/?#]*)/.exec(origin)?.[1] ?? "";
  const host = authority.startsWith(":") ? `localhost${authority}` : authority;
  const query = `?${node ? `node=${encodeURIComponent(node)}&` : ""}watch=true`;
  const url = `ws://${host}/api/v1/configs/${id.split("/").map(encodeURIComponent).join("/")}${query}`;
  let isStopped = false;
  let socket: WebSocket | undefined;
  let next: NodeJS.Timeout | undefined;

  function open(): void {
    const one = new WebSocket(url, {
      headers: { "User-Agent": "Go-http-client/1.1", Origin: `http://${authority}${query}` },
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_MS,
      followRedirects: false,
    });
    socket = one;
    let deadline: NodeJS.Timeout | undefined;
    let pings: NodeJS.Timeout | undefined;
    const alive = (): void => {
      clearTimeout(deadline);
      deadline = setTimeout(() => one.terminate(), DEADLINE_MS);
    };
    one.on("open", () => {
      log("INFO", `connection successfully opened to config discovery server at ${url}`);
      alive();
      pings = setInterval(() => one.ping("keepalive"), PING_MS);
    });
    one.on("pong", alive);
    one.on("message", (data: Buffer, isBinary) => {
      if (isBinary) {
        log("ERROR", "unexpected message type (code: 2)");
        one.terminate();
        return;
      }
      alive();
      if (data.length === 0) log("WARN", "ignoring zero-length config");
      else dataplane.take(data.toString());
    });
    one.on("error", (error) => log("ERROR", `failed to init CDS watcher (url: ${url}): ${error.message}`));
    one.on("close", () => {
      clearTimeout(deadline);
      clearInterval(pings);
      if (!isStopped) next = setTimeout(open, PAUSE_MS);
    });
  }

  open();
  return () => {
    isStopped = true;
    clearTimeout(next);
    socket?.terminate();
  };
}
