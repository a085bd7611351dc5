import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { Grant } from "./guard.ts";
import type { ConfigRequest, ListRequest } from "./request.ts";

/** What a watching connection asked for. */
export type Scope = ConfigRequest | ListRequest;

/** A watching connection. There are thousands, mostly idle: nothing is allocated before it is needed. */
export interface Watcher {
  readonly socket: WebSocket;
  /** The TCP connection below. */
  readonly wire: Socket;
  readonly scope: Scope;
  /** Undefined: everybody may watch everything. */
  readonly grant: Grant | undefined;
  /** Tag of the text that was sent last; by id where several configurations are watched. */
  sent: string | Map<string, string> | undefined;
  /** Ids whose present text waits until the connection can take it. Undefined while it can. */
  held: Set<string> | undefined;
  stalled: NodeJS.Timeout | undefined;
  /** Bytes that had come at the last heartbeat. */
  heard: number;
  /** Whether it was asked for a sign of life at the last heartbeat. */
  pinged: boolean;
  /** Frames since the last heartbeat. */
  frames: number;
  /** When it is to end, by `performance.now()`. */
  readonly ends: number;
}

export function newWatcher(socket: WebSocket, wire: Socket, scope: Scope, grant?: Grant, ends = Infinity): Watcher {
  return { socket, wire, scope, grant, sent: undefined, held: undefined, stalled: undefined, heard: 0, pinged: false, frames: 0, ends };
}

/** Tag of what this connection has of a configuration; undefined: it has none, or knows that it is gone. */
export function sentTag(watcher: Watcher, id: string): string | undefined {
  return watcher.sent instanceof Map ? watcher.sent.get(id) : watcher.sent;
}

/** @param tag undefined: it was told that the configuration is gone */
export function noteSent(watcher: Watcher, id: string, tag: string | undefined): void {
  if (watcher.scope.kind === "config") {
    watcher.sent = tag;
    return;
  }
  const sent = watcher.sent instanceof Map ? watcher.sent : new Map<string, string>();
  if (tag === undefined) sent.delete(id);
  else sent.set(id, tag);
  watcher.sent = sent;
}
