import { setImmediate as breath } from "node:timers/promises";
import { WebSocket } from "ws";
import type { Watcher } from "./watcher.ts";

type Told = (watcher: Watcher) => void;

/** Connections looked at in one go; pushes get their turn in between. */
const BATCH = 256;

/**
 * Looks at every connection once per period. Bytes that came since the last look are a sign of life: stunnerd pings
 * every 5 s, so that it is never pinged itself. A silent connection is pinged, and given up at the next look.
 * @param period milliseconds
 * @param onLook called for every connection
 * @returns how to stop
 */
export function startHeartbeat(watchers: Iterable<Watcher>, period: number, onSilent: Told, onLook: Told): () => void {
  const timer = setInterval(() => void lookAtAll(watchers, onSilent, onLook), period);
  timer.unref();
  return () => clearInterval(timer);
}

async function lookAtAll(watchers: Iterable<Watcher>, onSilent: Told, onLook: Told): Promise<void> {
  let seen = 0;
  for (const watcher of watchers) {
    onLook(watcher);
    look(watcher, onSilent);
    seen += 1;
    if (seen % BATCH === 0) await breath();
  }
}

function look(watcher: Watcher, onSilent: Told): void {
  watcher.frames = 0;
  const heard = watcher.wire.bytesRead;
  if (heard !== watcher.heard) {
    watcher.heard = heard;
    watcher.pinged = false;
  } else if (watcher.pinged) {
    onSilent(watcher);
  } else {
    watcher.pinged = true;
    if (watcher.socket.readyState === WebSocket.OPEN && !watcher.wire.writableNeedDrain) watcher.socket.ping();
  }
}
