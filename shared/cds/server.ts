import { answerTo } from "./answer-to.ts";
import { handshakeFault } from "./handshake.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { badHandshake, unavailable } from "./refusals.ts";
import { Renditions } from "./rendition.ts";
import { isCdsTarget, parseRequest } from "./request.ts";
import { isAnswering, respond, respondToUpgrade } from "./respond.ts";
import { WatchRoom } from "./watch-room.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { CdsLimits } from "./limits.ts";
import type { CdsRequest, Refused } from "./request.ts";
import type { ConfigSource } from "./source.ts";
import type { CdsStats } from "./stats.ts";
import type { CdsLog } from "./watch-room.ts";

export interface CdsOptions {
  readonly source: ConfigSource;
  /** Path in front of `/api/v1`, such as `/c/<cluster>`, without a slash at its end. */
  readonly prefix?: string;
  readonly log?: CdsLog;
  readonly limits?: Partial<CdsLimits>;
}

/** The config discovery service on an HTTP server that belongs to someone else (spec/cds.md, DESIGN.md 4.3). */
export interface Cds {
  /** Whether a request target, as in `req.url`, is one of CDS. */
  handles(target: string): boolean;
  /** Answers any plain request; one that `handles` denies, with 404. */
  handle(req: IncomingMessage, res: ServerResponse): void;
  /** For the server's `upgrade` event: makes a watch of the request, or answers it and closes the connection. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  stats(): Readonly<CdsStats>;
  /** Ends every watch with a close frame, and by force what has not gone after the time that `limits.closing` allows. */
  close(): Promise<void>;
}

/**
 * @example
 * const cds = createCds({ source });
 * const server = createServer((req, res) => cds.handle(req, res));
 * server.on("upgrade", (req, socket, head) => cds.upgrade(req, socket, head));
 */
export function createCds({ source, prefix = "", log, limits: given = {} }: CdsOptions): Cds {
  const limits = { ...DEFAULT_LIMITS, ...given };
  const renditions = new Renditions();
  const room = new WatchRoom(source, renditions, limits, log);

  function parse(req: IncomingMessage): CdsRequest | Refused {
    return parseRequest(req.method ?? "", req.url ?? "", prefix);
  }

  return {
    handles: (target) => isCdsTarget(target, prefix),

    handle(req, res) {
      room.stats.answered += 1;
      respond(res, answerTo(parse(req), source, renditions, req.headers["if-none-match"]), limits.stall);
    },

    upgrade(req, socket, head) {
      if (isAnswering(req)) {
        socket.destroy();
        return;
      }
      const request = parse(req);
      const watch = (request.kind === "config" || request.kind === "list") && request.watch ? request : undefined;
      const fault = watch === undefined ? undefined : handshakeFault(req.headers);
      if (watch !== undefined && fault === undefined && room.open) {
        room.admit(req, socket, head, watch);
        return;
      }
      room.stats.answered += 1;
      const plain = watch === undefined ? answerTo(request, source, renditions, req.headers["if-none-match"]) : undefined;
      const refusal = fault === undefined ? unavailable("No more watchers can be served now") : badHandshake(fault);
      respondToUpgrade(req, plain ?? refusal, limits.stall);
    },

    stats: () => room.stats,
    close: () => room.close(),
  };
}
