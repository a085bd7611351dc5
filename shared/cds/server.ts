import { answerTo } from "./answer-to.ts";
import { handshakeFault } from "./handshake.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { createPollInterval, DEFAULT_POLL_SECONDS } from "./poll-interval.ts";
import { badHandshake } from "./refusals.ts";
import { Renditions } from "./rendition.ts";
import { isCdsTarget, parseRequest } from "./request.ts";
import { isAnswering, respond, respondToUpgrade } from "./respond.ts";
import { WatchRoom } from "./watch-room.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Answer } from "./answer.ts";
import type { Admission, CdsGuard } from "./guard.ts";
import type { CdsLimits } from "./limits.ts";
import type { CdsRequest, ConfigRequest, ListRequest, Refused } from "./request.ts";
import type { ConfigSource } from "./source.ts";
import type { CdsStats } from "./stats.ts";
import type { CdsLog } from "./watch-room.ts";

export interface CdsOptions {
  readonly source: ConfigSource;
  /** Path in front of `/api/v1`, such as `/c/<cluster>`, without a slash at its end. */
  readonly prefix?: string;
  readonly log?: CdsLog;
  /** Absent: everybody may see everything. */
  readonly guard?: CdsGuard | undefined;
  readonly limits?: Partial<CdsLimits>;
  /** What clients that poll are told, in seconds, while nothing changes; default 10. */
  readonly pollSeconds?: number | undefined;
}

/** The config discovery service on an HTTP server that belongs to someone else (spec/cds.md, DESIGN.md 4.3). */
export interface Cds {
  /** Whether a request target, as in `req.url`, is one of CDS. */
  handles(target: string): boolean;
  /** Answers any plain request; one that `handles` denies, with 404. */
  handle(req: IncomingMessage, res: ServerResponse): void;
  /**
   * For the server's `upgrade` event: makes a watch of the request, or answers it and closes the connection.
   * @returns HTTP status of the answer; undefined: there was none, since the connection had to be cut
   */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): number | undefined;
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
export function createCds({ source, prefix = "", log, guard, limits: given = {}, pollSeconds = DEFAULT_POLL_SECONDS }: CdsOptions): Cds {
  const limits = { ...DEFAULT_LIMITS, ...given };
  const renditions = new Renditions();
  const poll = createPollInterval(source, pollSeconds);
  const room = new WatchRoom(source, renditions, limits, log);

  /** The prefix of a cluster that is not here: who may see nothing is answered as if it were. */
  function strangeTo({ url = "" }: IncomingMessage): string | undefined {
    return guard === undefined || prefix !== "" ? undefined : CLUSTER_PREFIX.exec(url)?.[0];
  }

  function parse(req: IncomingMessage): CdsRequest | Refused {
    return parseRequest(req.method ?? "", req.url ?? "", strangeTo(req) ?? prefix);
  }

  /** The licence status is for everybody. */
  function admit(req: IncomingMessage, request: CdsRequest | Refused): Admission {
    if (guard === undefined || request.kind === "refused" || request.kind === "license") return {};
    if (strangeTo(req) !== undefined) return { refusal: guard.turnAway(req.headers.authorization) };
    return guard.admit(req.headers.authorization, request);
  }

  function answer(req: IncomingMessage, request: CdsRequest | Refused): Answer {
    return answerTo(request, source, renditions, req.headers["if-none-match"], poll);
  }

  return {
    handles: (target) => isCdsTarget(target, prefix),

    handle(req, res) {
      room.stats.answered += 1;
      const request = parse(req);
      respond(res, admit(req, request).refusal ?? answer(req, request), limits.stall);
    },

    upgrade(req, socket, head) {
      if (isAnswering(req)) {
        socket.destroy();
        return undefined;
      }
      const request = parse(req);
      const { grant, refusal } = admit(req, request);
      const refused = refusal ?? (isWatch(request) ? (faultOf(req) ?? room.refusal(grant)) : answer(req, request));
      if (refused === undefined && isWatch(request)) {
        room.admit(req, socket, head, request, grant);
        return 101;
      }
      const told = refused ?? answer(req, request);
      room.stats.answered += 1;
      respondToUpgrade(req, told, limits.stall);
      return told.status;
    },

    stats: () => room.stats,
    close() {
      poll.stop();
      return room.close();
    },
  };
}

/** As DESIGN.md 4.3 has it, with a name that a cluster can have. */
const CLUSTER_PREFIX = /^\/c\/[A-Za-z0-9][\w-]{0,62}(?=\/)/;

function isWatch(request: CdsRequest | Refused): request is ConfigRequest | ListRequest {
  return (request.kind === "config" || request.kind === "list") && request.watch;
}

function faultOf({ headers }: IncomingMessage): Answer | undefined {
  const fault = handshakeFault(headers);
  return fault === undefined ? undefined : badHandshake(fault);
}
