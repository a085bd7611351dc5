import type { KubeConfig } from "@kubernetes/client-node";
import { Agent as HttpAgent, type IncomingMessage } from "node:http";
import { ApiServerAgent } from "./api-server-agent.ts";
import type { KubeClient } from "./client.ts";
import { KubeError } from "./errors.ts";
import { startLimit } from "./limit.ts";
import { linesOf } from "./lines.ts";
import { readAnswer, readLine } from "./read-answer.ts";
import { type Connection, send } from "./send.ts";

const DEFAULT_TIMEOUT = 30_000;
/** Connections to one API server at a time. */
const MOST_SOCKETS = 32;
/** Milliseconds after which an idle connection is closed: balancers in between forget them without a word. */
const IDLE = 30_000;

export interface KubeClientOptions {
  /** Milliseconds until a request without a limit of its own counts as failed, and a watch that has not begun; by default 30,000. */
  readonly timeout?: number;
}

/**
 * A client over the connection, certificates and credentials of a kubeconfig's current context.
 * @throws {KubeError} where that names no server
 */
export function createKubeClient(config: KubeConfig, { timeout = DEFAULT_TIMEOUT }: KubeClientOptions = {}): KubeClient {
  const cluster = config.getCurrentCluster();
  const server = URL.parse(cluster?.server ?? "");
  if (!server) {
    const message = "the kubeconfig's current context has no cluster with a server";
    throw new KubeError(message, { code: "NoServer", status: 0, retryable: false });
  }
  // The library's own agents open a connection for every request; only it knows how to go through a proxy.
  const Agent = server.protocol === "http:" ? HttpAgent : ApiServerAgent;
  const own = new Agent({ keepAlive: true, maxSockets: MOST_SOCKETS, timeout: IDLE });
  // A watch holds its connection for minutes: it must not keep requests from theirs.
  const watching = new Agent();
  const over = (agent: HttpAgent): Connection => ({ config, server, agent: cluster?.proxyUrl ? undefined : agent });
  return {
    async request(request) {
      await request.permit?.();
      const limit = startLimit(request, request.timeout ?? timeout);
      try {
        return await readAnswer(await send(over(own), request, limit.signal), request);
      } catch (error) {
        throw limit.toKubeError(error);
      } finally {
        limit.lift();
      }
    },
    async *watch(asked) {
      const request = { ...asked, method: "GET" } as const;
      const limit = startLimit(request, timeout);
      let response: IncomingMessage | undefined;
      try {
        response = await send(over(watching), request, limit.signal);
        if ((response.statusCode ?? 0) >= 300) await readAnswer(response, request);
        // A watch may be silent for long; who watches tells when that is too long.
        limit.lift();
        for await (const line of linesOf(response)) yield readLine(line, request);
      } catch (error) {
        if (!asked.signal?.aborted) throw limit.toKubeError(error);
      } finally {
        limit.lift();
        response?.destroy();
      }
    },
    close() {
      own.destroy();
      watching.destroy();
    },
  };
}
