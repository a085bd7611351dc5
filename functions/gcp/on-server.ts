import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Server } from "node:http";

/** Node tells so that a server is about to listen (Node, "Diagnostics Channel"): before its first connection. */
const LISTEN = "tracing:net.server.listen:asyncStart";

/**
 * Hands over the server of the functions framework before it takes its first connection: the framework itself shows it to nobody,
 * and Node takes an upgrade for a plain request where nobody listens for upgrades yet.
 */
export function onServer(take: (server: Server) => void): void {
  const onListen = (message: unknown): void => {
    if (typeof message !== "object" || message === null || !("server" in message) || !(message.server instanceof Server)) return;
    unsubscribe(LISTEN, onListen);
    take(message.server);
  };
  subscribe(LISTEN, onListen);
}

/**
 * Ends the process in order when the platform stops it: `close` first, then the requests that are being answered. The framework
 * itself would exit at once.
 * @param close ends what would never end by itself
 */
export function stopInOrder(server: Server, close: () => Promise<void>): void {
  server.once("listening", () => {
    // The framework has put its own there a moment ago.
    process.removeAllListeners("SIGTERM");
    process.once("SIGTERM", async () => {
      setTimeout(() => process.exit(0), PATIENCE_MS).unref();
      server.close(() => process.exit(0));
      // What was never opened has nothing to close.
      await close().catch(() => undefined);
      server.closeIdleConnections();
    });
  });
}

/** Cloud Run gives ten seconds (Cloud Run, "Container runtime contract"). */
const PATIENCE_MS = 8_000;
