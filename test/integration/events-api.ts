import { KubeConfig } from "@kubernetes/client-node";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { KubeClient } from "../../shared/kube/client.ts";
import { createKubeClient } from "../../shared/kube/https-client.ts";

export type Handler = (req: IncomingMessage, res: ServerResponse, query: URLSearchParams) => void;

/** A server that answers as a test says, for what a real API server does only when it breaks. */
export interface ScriptedApi {
  readonly client: KubeClient;
  /** Requests so far: `GET /path?query`. */
  readonly requests: readonly string[];
  /** What answers from now on. */
  answer(handler: Handler): void;
  close(): Promise<void>;
}

export async function startScriptedApi(handler: Handler): Promise<ScriptedApi> {
  const requests: string[] = [];
  let current = handler;
  const server = createServer((req, res) => {
    requests.push(`${req.method} ${req.url}`);
    current(req, res, new URL(req.url ?? "", "http://localhost").searchParams);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: "scripted", server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTLSVerify: true },
    { name: "nobody" },
  );
  const client = createKubeClient(config);
  return {
    client,
    requests,
    answer: (next) => void (current = next),
    async close() {
      client.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { "content-type": "application/json" });
  res.end(JSON.stringify(body));
}

/** The metadata of a Gateway `media/<name>`, as a server gives it out. */
export function metadata(name: string, resourceVersion: number, more: object = {}): object {
  return { metadata: { name, namespace: "media", uid: `uid-of-${name}`, resourceVersion: String(resourceVersion), generation: 1, ...more } };
}

export function list(resourceVersion: number, items: readonly object[], more: object = {}): object {
  return { kind: "PartialObjectMetadataList", metadata: { resourceVersion: String(resourceVersion), ...more }, items };
}

export function line(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** Begins a watch: what is written to `res` after it are lines. */
export function begin(res: ServerResponse, ...lines: readonly string[]): void {
  res.writeHead(200, { "content-type": "application/json" });
  res.flushHeaders();
  for (const one of lines) res.write(one);
}
