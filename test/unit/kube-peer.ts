import { KubeConfig } from "@kubernetes/client-node";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** The other end of a connection: answers as a test says, byte by byte where need be. */
export interface Peer {
  readonly url: string;
  /** Requests so far, in words: `GET /path`. */
  readonly heard: string[];
  close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** @param tls certificate and key in PEM; without them it speaks plain HTTP */
export async function startPeer(handler: Handler, tls?: { cert: string; key: string }): Promise<Peer> {
  const heard: string[] = [];
  const listen: Handler = (request, response) => {
    heard.push(`${request.method} ${request.url}`);
    handler(request, response);
  };
  const server: Server = tls ? createTlsServer(tls, listen) : createServer(listen);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** A kubeconfig in memory. Plain HTTP needs to be asked for, as in a file. */
export function kubeconfigFor(server: string, user: Record<string, unknown> = { token: "secret-token" }, cluster: Record<string, unknown> = {}): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(
    JSON.stringify({
      "current-context": "x",
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      clusters: [{ name: "c", cluster: { server, ...(server.startsWith("http:") ? { "insecure-skip-tls-verify": true } : {}), ...cluster } }],
      users: [{ name: "u", user }],
    }),
  );
  return config;
}

export function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

export const statusOf = (code: number, reason: string, more: object = {}) => ({ kind: "Status", apiVersion: "v1", status: "Failure", code, reason, ...more });
