import type { ServerOptions } from "node:http";

/** What the server of one process puts up with. Times are milliseconds. */
export interface HttpLimits {
  /** Open connections, of all clients and of one IP address; more are closed at once. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Bytes of request line and headers; more are answered 431. */
  readonly headerBytes: number;
  /** Within which the headers must have come, and the whole request; else it is answered 408. */
  readonly headersTime: number;
  readonly requestTime: number;
  /** Of a TLS handshake. */
  readonly handshakeTime: number;
  /** Between two looks for who dawdles. */
  readonly checkTime: number;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  connections: 60_000,
  // All pods of a cluster may come from one address, that of a NAT gateway.
  connectionsPerAddress: 20_000,
  headerBytes: 16_384,
  headersTime: 10_000,
  requestTime: 15_000,
  handshakeTime: 10_000,
  checkTime: 5_000,
};

/** As Node has them. Without an upgrade to WebSocket a request is answered as if it had not asked for any. */
export function serverOptions({ headerBytes, headersTime, requestTime, checkTime }: HttpLimits): ServerOptions {
  return {
    maxHeaderSize: headerBytes,
    headersTimeout: headersTime,
    requestTimeout: requestTime,
    keepAliveTimeout: 60_000,
    connectionsCheckingInterval: checkTime,
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === "websocket",
  };
}
