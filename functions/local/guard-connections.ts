import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { failure } from "../../shared/cds/refusals.ts";
import type { HttpLimits } from "./http-limits.ts";

/** Closes connections of which there are too many, and answers what is no HTTP in the words of all other errors. */
export function guardConnections(server: Server, limits: HttpLimits): void {
  const open = new Map<string, number>();
  const answering = new WeakMap<Duplex, ServerResponse>();
  server.maxConnections = limits.connections;

  server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress ?? "";
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once("close", () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
    if (count > limits.connectionsPerAddress) socket.destroy();
  });

  server.on("request", ({ socket }: IncomingMessage, res: ServerResponse) => {
    answering.set(socket, res);
    res.once("close", () => answering.delete(socket));
  });

  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    const status = statusOf(error.code);
    // In the middle of another answer nothing can be said, nor where there is no connection, no TLS, or not any more.
    if (status === undefined || !socket.writable || answering.get(socket)?.headersSent) return void socket.destroy();
    socket.end(rawAnswer(...status), () => socket.destroy());
  });
}

/** By the error codes of Node. */
const STATUS: ReadonlyMap<string, readonly [number, string]> = new Map([
  ["HPE_HEADER_OVERFLOW", [431, "Request Header Fields Too Large"]],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", [413, "Payload Too Large"]],
  ["ERR_HTTP_REQUEST_TIMEOUT", [408, "Request Timeout"]],
]);

function statusOf(code = ""): readonly [number, string] | undefined {
  // What its parser finds wrong with a request begins so.
  return STATUS.get(code) ?? (code.startsWith("HPE_") ? [400, "Bad Request"] : undefined);
}

function rawAnswer(status: number, reason: string): string {
  const { headers, body } = failure(status, reason, { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", Connection: "close" });
  const lines = Object.entries({ ...headers, "Content-Length": Buffer.byteLength(String(body)) }).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${reason}`, ...lines, "", String(body)].join("\r\n");
}
