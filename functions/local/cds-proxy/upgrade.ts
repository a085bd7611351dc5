import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { type Duplex, pipeline } from "node:stream";
import type { Answer } from "../../../shared/cds/answer.ts";
import { answerOf, faultOf, type Fault, RemoteSilent } from "./fault.ts";
import { askRemote, passedBack, prefixOf, type Remote } from "./remote.ts";

interface Upgraded {
  readonly answer: IncomingMessage;
  /** Absent: the remote did not upgrade. */
  readonly socket?: Duplex;
  readonly head?: Buffer;
}

/**
 * Passes a WebSocket handshake on and, where the remote takes it, every byte in both directions, as fast as they are
 * taken. What it answers else is passed back. Pings and closes are between client and remote (spec/cds.md 5).
 * @param silence milliseconds within which the answer must begin
 */
export async function forwardUpgrade(
  remote: Remote,
  req: IncomingMessage,
  client: Duplex,
  head: Buffer,
  silence: number,
  onFault: (fault: Fault) => void,
): Promise<void> {
  const gone = new AbortController();
  client.once("close", () => gone.abort()).on("error", () => client.destroy());
  try {
    const { answer, socket, head: first } = await begin(remote, req, gone, silence);
    const headers = passedBack(answer.headers, prefixOf(remote.url));
    if (!socket) {
      client.write(headOf(answer.statusCode ?? 502, { ...headers, Connection: "close" }));
      return void pipeline(answer, client, () => client.destroy());
    }
    for (const one of [client, socket]) (one as Socket).setNoDelay?.(true);
    client.write(headOf(101, { ...headers, Upgrade: "websocket", Connection: "Upgrade" }));
    if (first && first.length > 0) client.write(first);
    if (head.length > 0) socket.write(head);
    join(client, socket);
  } catch (error) {
    if (client.destroyed) return;
    const fault = faultOf(error, remote.url.origin);
    onFault(fault);
    refuseUpgrade(client, answerOf(fault));
  }
}

/** Answers a handshake that is not taken, and ends the connection. */
export function refuseUpgrade(client: Duplex, { status, headers, body }: Answer): void {
  const text = String(body);
  client.on("error", () => client.destroy());
  client.end(`${headOf(status, { ...headers, "Content-Length": Buffer.byteLength(text), Connection: "close" })}${text}`);
}

function headOf(status: number, headers: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${String(one)}`));
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`, ...lines, "", ""].join("\r\n");
}

/** Where one side ends or breaks, so does the other. */
function join(one: Duplex, other: Duplex): void {
  pipeline(one, other, () => other.destroy());
  pipeline(other, one, () => one.destroy());
}

async function begin(remote: Remote, req: IncomingMessage, gone: AbortController, silence: number): Promise<Upgraded> {
  const token = await remote.token();
  const { promise, resolve, reject } = Promise.withResolvers<Upgraded>();
  const asked = askRemote(remote, token, { method: "GET", target: req.url ?? "", headers: req.headers, signal: gone.signal, upgrade: true });
  const late = setTimeout(() => asked.destroy(new RemoteSilent()), silence);
  asked.once("upgrade", (answer, socket, head) => resolve({ answer, socket, head }));
  asked.once("response", (answer) => resolve({ answer })).on("error", reject).end();
  return promise.finally(() => clearTimeout(late));
}
