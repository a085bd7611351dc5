import type { IncomingMessage, ServerResponse } from "node:http";
import { createCredentialsService, type CredentialsOptions } from "../../shared/credentials/service.ts";
import { hasBody, writeAnswer } from "./write-answer.ts";

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
      writeAnswer(req, res, service.answer({ method, url, headers, hasBody: hasBody(req), address: socket.remoteAddress ?? "" }));
    },
  };
}
