import type { KubeConfig } from "@kubernetes/client-node";
import { once } from "node:events";
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import type { KubeAnswer, KubeClient, KubeRequest } from "./client.ts";
import { KubeError } from "./errors.ts";
import { errorOf } from "./status.ts";

const DEFAULT_TIMEOUT = 30_000;
/** Connections to one API server at a time. */
const MOST_SOCKETS = 32;
/** An answer larger than this is no list page of ours. */
const LARGEST_ANSWER = 256 * 1024 * 1024;

/** A client over the connection, certificates and credentials of a kubeconfig's current context. */
export function createKubeClient(config: KubeConfig): KubeClient {
  const cluster = config.getCurrentCluster();
  const server = new URL(cluster?.server ?? "");
  // The library's own agents open a connection for every request; only it knows how to go through a proxy.
  const Agent = server.protocol === "http:" ? HttpAgent : HttpsAgent;
  const own = new Agent({ keepAlive: true, maxSockets: MOST_SOCKETS });
  // A watch holds its connection for minutes: it must not keep requests from theirs.
  const watching = new Agent();
  const connection: Connection = { config, server, agent: cluster?.proxyUrl ? undefined : own };
  return {
    async request(request) {
      const response = await send(connection, request, request.timeout ?? DEFAULT_TIMEOUT);
      return readAnswer(response, request);
    },
    async *watch(request) {
      const response = await send({ ...connection, agent: connection.agent && watching }, { ...request, method: "GET" }, 0);
      if ((response.statusCode ?? 0) >= 400) await readAnswer(response, { ...request, method: "GET" });
      try {
        for await (const line of createInterface({ input: response })) if (line !== "") yield parseJson(line);
      } catch (error) {
        if (!request.signal?.aborted) throw unreachable(request.path, error);
      } finally {
        response.destroy();
      }
    },
    close() {
      own.destroy();
      watching.destroy();
    },
  };
}

interface Connection {
  readonly config: KubeConfig;
  readonly server: URL;
  /** Absent: the library's. */
  readonly agent: HttpAgent | undefined;
}

async function send({ config, server, agent }: Connection, request: KubeRequest, timeout: number): Promise<IncomingMessage> {
  const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
  const options: RequestOptions = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options);
    const deadline = timeout > 0 ? AbortSignal.timeout(timeout) : undefined;
    const signals = [deadline, request.signal].filter((one) => one !== undefined);
    const query = new URLSearchParams(request.query).toString();
    const sent = (server.protocol === "http:" ? httpRequest : httpsRequest)({
      ...options,
      ...(agent ? { agent } : {}),
      method: request.method,
      host: server.hostname,
      port: server.port || (server.protocol === "http:" ? 80 : 443),
      path: `${server.pathname.replace(/\/$/, "")}${request.path}${query ? `?${query}` : ""}`,
      headers: {
        ...options.headers,
        accept: request.accept ?? "application/json",
        ...(body ? { "content-type": request.contentType ?? "application/json", "content-length": body.length } : {}),
      },
      ...(signals.length > 0 ? { signal: AbortSignal.any(signals) } : {}),
    });
    sent.end(body);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    return response;
  } catch (error) {
    throw unreachable(request.path, error);
  }
}

async function readAnswer(response: IncomingMessage, request: KubeRequest): Promise<KubeAnswer> {
  const length = Number(response.headers["content-length"] ?? 0);
  if (length > LARGEST_ANSWER) {
    response.destroy();
    throw new KubeError(`${request.path}: an answer of ${length} bytes is too large`, { code: "BadAnswer", status: 0, retryable: false });
  }
  let bytes: Buffer;
  try {
    bytes = await buffer(response);
  } catch (error) {
    throw unreachable(request.path, error);
  }
  const status = response.statusCode ?? 0;
  const body = parseJson(bytes.toString("utf8"));
  if (status >= 400) throw errorOf(request, status, body, response.headers["retry-after"]);
  if (body === undefined && bytes.length > 0) {
    throw new KubeError(`${request.path}: the answer is no JSON`, { code: "BadAnswer", status, retryable: true });
  }
  return { status, body, bytes: bytes.length };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(path: string, cause: unknown): KubeError {
  const why = cause instanceof Error ? cause.message : "no answer";
  return new KubeError(`${path}: ${why}`, { code: "Unreachable", status: 0, retryable: true, cause });
}
