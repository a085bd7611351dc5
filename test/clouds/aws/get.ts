import { once } from "node:events";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { request } from "node:https";
import { text } from "node:stream/consumers";

export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request over TLS with an authority of one's own. */
export async function getOverTls(url: string, ca: string, headers: Record<string, string>, body?: string): Promise<Got> {
  const asked = request(url, { ca, headers, method: body === undefined ? "GET" : "POST" });
  asked.end(body);
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}
