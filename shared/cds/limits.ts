import type { Age } from "./aging.ts";

/** What one server puts up with. */
export interface CdsLimits {
  /** Watching connections at a time; more are answered 503. */
  readonly watchers: number;
  /** Of these, with the token of one Gateway, or with tokens of operators; more are answered 429. */
  readonly watchersPerToken: number;
  /** Milliseconds between two looks at every connection; one that is silent for two of them, our ping unanswered, is cut. */
  readonly heartbeat: number;
  /** Milliseconds that a connection may stay full, or an HTTP answer unread, before the client is cut. */
  readonly stall: number;
  /** Milliseconds for a closing handshake. */
  readonly closing: number;
  /** Frames that a client may send between two heartbeats: stunnerd sends one ping every 5 s, and nothing else is needed. */
  readonly frames: number;
  /** Bytes of the largest message that a client may send; messages are ignored anyway. */
  readonly message: number;
  /** How long a connection may last, where a platform would cut it; undefined: as long as it likes. */
  readonly age?: Age | undefined;
}

export const DEFAULT_LIMITS: CdsLimits = {
  watchers: 50_000,
  watchersPerToken: 10_000,
  heartbeat: 30_000,
  stall: 30_000,
  closing: 2_000,
  frames: 1_000,
  message: 4_096,
};
