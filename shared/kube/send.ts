import type { KubeConfig } from "@kubernetes/client-node";
import { once } from "node:events";
import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { KubeRequest } from "./client.ts";
import { KubeError } from "./errors.ts";

/** How an API server is reached. */
export interface Connection {
  readonly config: KubeConfig;
  readonly server: URL;
  /** Absent: the library's. */
  readonly agent: Agent | undefined;
}

/** Sends a request; done when the status is there. @throws {KubeError} without credentials. @throws {Error} where the connection breaks */
export async function send(connection: Connection, request: KubeRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const options = await authenticated(connection, request, signal);
  const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
  if (body) options.headers = { ...options.headers, "content-type": request.contentType ?? "application/json", "content-length": body.length };
  const start = connection.server.protocol === "http:" ? httpRequest : httpsRequest;
  const first = start({ ...options, ...(connection.agent ? { agent: connection.agent } : {}), signal });
  try {
    return await responseTo(first, body);
  } catch (error) {
    // An idle connection that the server, or what is in between, has closed meanwhile. The server has not seen the request.
    if (!first.reusedSocket || signal.aborted) throw error;
    return await responseTo(start({ ...options, ...(connection.agent ? { agent: false } : {}), signal }), body);
  }
}

async function responseTo(sent: ClientRequest, body: Buffer | undefined): Promise<IncomingMessage> {
  // What breaks after the status is told by the answer's stream; nobody listens here then.
  sent.on("error", () => undefined);
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return response;
}

/** With the kubeconfig's certificates and credentials, which a program outside or another server may have to give first. */
async function authenticated({ config, server }: Connection, request: KubeRequest, signal: AbortSignal): Promise<RequestOptions> {
  const options: RequestOptions = { headers: {} };
  const gaveUp = once(signal, "abort").then(() => {
    throw new Error("given up");
  });
  gaveUp.catch(() => undefined);
  signal.throwIfAborted();
  try {
    await Promise.race([config.applyToHTTPSOptions(options), gaveUp]);
  } catch (cause) {
    if (signal.aborted) throw cause;
    // The library's message may be anything that such a program wrote.
    throw new KubeError("the credentials of the kubeconfig cannot be used", { code: "NoCredentials", status: 0, retryable: true, cause });
  }
  const query = new URLSearchParams(request.query).toString();
  return {
    ...options,
    method: request.method,
    host: server.hostname.replace(/^\[|\]$/g, ""),
    port: server.port || (server.protocol === "http:" ? 80 : 443),
    path: `${server.pathname.replace(/\/$/, "")}${request.path}${query ? `?${query}` : ""}`,
    headers: { ...options.headers, accept: request.accept ?? "application/json", "user-agent": "stunner-serverless" },
  };
}
