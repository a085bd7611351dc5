import type { IncomingMessage, ServerResponse } from "node:http";

/** One answer, whole. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Whether a request brings a body along. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

/** Writes an answer that no cache keeps. Where a body was not read to its end, nothing can come after it on the connection. */
export function writeAnswer(req: IncomingMessage, res: ServerResponse, { status, headers, body }: PlainAnswer): void {
  const isUnread = hasBody(req) && !req.complete;
  res.writeHead(status, {
    // An answer that never has a body must not have its length either (RFC 9110, 8.6).
    ...(status === 204 ? {} : { "Content-Type": "text/plain; charset=utf-8", "Content-Length": Buffer.byteLength(body) }),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(isUnread ? { Connection: "close" } : {}),
    ...headers,
  });
  res.end(req.method === "HEAD" ? undefined : body, () => {
    if (isUnread) res.socket?.destroySoon();
  });
}
