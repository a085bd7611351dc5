import { request } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import type { Identity } from "../../integration/delivery/certificates.ts";

/** What stands before a function: it ends TLS, tells who asks, and passes upgrades on, as Google's front end does. */
export interface FrontEnd {
  /** `https://localhost:port` */
  readonly origin: string;
  readonly port: number;
  close(): Promise<void>;
}

/** @param port of the function, now: instances come and go */
export async function startFrontEnd({ cert, key }: Identity, port: () => number): Promise<FrontEnd> {
  const server = createServer({ cert, key }, (req, res) => {
    const forwarded = [req.headers["x-forwarded-for"], req.socket.remoteAddress].filter(Boolean).join(",");
    const inner = request({ port: port(), host: "127.0.0.1", method: req.method, path: req.url, headers: { ...req.headers, "x-forwarded-for": forwarded } });
    inner.on("response", (answer) => {
      res.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(res);
    });
    inner.on("error", () => res.writeHead(503).end());
    req.pipe(inner);
  });
  server.on("upgrade", (req, socket, head) => {
    const inner = connect(port(), "127.0.0.1", () => {
      const pairs = req.rawHeaders.flatMap((text, at) => (at % 2 === 0 ? [`${text}: ${req.rawHeaders[at + 1]}`] : []));
      inner.write(`${req.method} ${req.url} HTTP/1.1\r\n${pairs.join("\r\n")}\r\n\r\n`);
      inner.write(head);
      socket.pipe(inner).pipe(socket);
    });
    for (const [one, other] of [[inner, socket], [socket, inner]] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = (server.address() as AddressInfo).port;
  return {
    origin: `https://localhost:${at}`,
    port: at,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
