import type { IncomingHttpHeaders } from "node:http";

/**
 * What is wrong with a WebSocket handshake (RFC 6455, 4.2.1), in the words of spec/cds.md 2.1; undefined: nothing.
 * The Origin is not looked at: that of stunnerd is odd, and a proxy may have changed Host (spec/cds.md 3.1, 3.3).
 */
export function handshakeFault(headers: IncomingHttpHeaders): string | undefined {
  if (headers.upgrade?.toLowerCase() !== "websocket") return NOT_WEBSOCKET;
  if (headers["sec-websocket-version"] !== "13") return "unsupported version: this server speaks 13 only";
  if (!/^[+/0-9A-Za-z]{22}==$/.test(headers["sec-websocket-key"] ?? "")) return "Sec-WebSocket-Key is not 16 bytes in base64";
  return undefined;
}

/** The fault of a watch that comes as a plain request. */
export const NOT_WEBSOCKET = "the client is not using the websocket protocol: a watch needs Connection: Upgrade and Upgrade: websocket";
