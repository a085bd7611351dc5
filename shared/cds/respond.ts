import { ServerResponse } from "node:http";
import { Readable, pipeline } from "node:stream";
import type { IncomingMessage } from "node:http";
import type { Answer } from "./answer.ts";

/** What every answer has. Configurations hold passwords and say more about caches themselves. */
const SECURITY = { "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store" };

/**
 * Writes an answer.
 * @param stall milliseconds that a client may leave it unread before its connection is cut
 */
export function respond(res: ServerResponse, answer: Answer, stall: number): void {
  const { status, body } = answer;
  const headers = { ...SECURITY, ...answer.headers };
  res.setTimeout(stall, () => res.destroy());
  if (typeof body === "string" || Buffer.isBuffer(body)) {
    const length = status === 304 ? {} : { "Content-Length": Buffer.byteLength(body) };
    res.writeHead(status, { ...headers, ...length }).end(body);
    return;
  }
  res.writeHead(status, headers);
  // A client that goes away in between is no error of ours; pipeline destroys what is left.
  pipeline(Readable.from(body), res, () => undefined);
}

/**
 * Whether an earlier request on this connection is still being answered, which a client that pipelines an upgrade
 * behind it brings about: the answers would get mixed up.
 */
export function isAnswering(req: IncomingMessage): boolean {
  const probe = new ServerResponse(req);
  try {
    probe.assignSocket(req.socket);
  } catch {
    return true;
  }
  probe.detachSocket(req.socket);
  return false;
}

/** Answers a request that asked for an upgrade and does not get it, and closes the connection. */
export function respondToUpgrade(req: IncomingMessage, answer: Answer, stall: number): void {
  const { socket } = req;
  // Node has taken its own listeners off a socket that it hands over for an upgrade.
  socket.on("error", () => socket.destroy());
  socket.setTimeout(stall, () => socket.destroy());
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(socket);
  res.once("finish", () => {
    res.detachSocket(socket);
    socket.destroySoon();
  });
  respond(res, answer, stall);
}
