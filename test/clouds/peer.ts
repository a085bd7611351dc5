import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { SendOptions } from "../../shared/cloud/send.ts";

export interface Seen {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What a peer answers; "hang-up": the request is taken, and the connection ends without an answer; "silence": it never does. */
export type PeerAnswer = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string } | "hang-up" | "silence";

/** A service that answers by a script, where no real server can be made to: faults, lost answers, refusals. */
export interface Peer {
  readonly origin: string;
  readonly seen: Seen[];
  close(): Promise<void>;
}

export async function startPeer(answer: (request: Seen, number: number) => PeerAnswer): Promise<Peer> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const one = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body: Buffer.concat(parts) };
      seen.push(one);
      const given = answer(one, seen.length);
      if (given === "silence") return;
      if (given === "hang-up") return void request.socket.destroy();
      response.writeHead(given.status, given.headers).end(given.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Pauses are noted instead of waited for. */
export function noPauses(): SendOptions & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return { pauses, random: () => 0.5, wait: async (milliseconds) => void pauses.push(milliseconds) };
}
