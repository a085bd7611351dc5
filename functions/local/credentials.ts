import type { IncomingMessage, ServerResponse } from "node:http";
import { createCredentialsService, type CredentialsOptions } from "../../shared/credentials/service.ts";

/** Milliseconds that a client may leave an answer unread. */
const STALL_MS = 30_000;

export interface CredentialsEndpoint {
  handles(url: string): boolean;
  handle(req: IncomingMessage, res: ServerResponse): void;
}

/** The STUNner auth service at `/`, `/ice`, `/c/<cluster>/` and `/c/<cluster>/ice` (spec/stunnerd.md 14, DESIGN.md 3). */
export function createCredentialsEndpoint(options: CredentialsOptions): CredentialsEndpoint {
  const service = createCredentialsService(options);
  return {
    handles: service.handles,
    handle(req, res) {
      const { method = "", url = "", headers, socket } = req;
      const hasBody = headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
      const { status, headers: own, body } = service.answer({ method, url, headers, hasBody, address: socket.remoteAddress ?? "" });
      res.setTimeout(STALL_MS, () => res.destroy());
      // A body is not read, so nothing can come after it.
      res.writeHead(status, { ...own, ...(status === 204 ? {} : { "Content-Length": Buffer.byteLength(body) }), ...(hasBody ? { Connection: "close" } : {}) });
      res.end(body, () => {
        if (hasBody) socket.destroySoon();
      });
    },
  };
}
