import type { IncomingHttpHeaders } from "node:http";

/** A request, whole. */
export interface FunctionRequest {
  readonly method: string;
  /** Path, and query if any. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /** IP address of the client. */
  readonly address: string;
}

/** An answer, whole. */
export interface FunctionAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What every answer has that says nothing else: it is for whoever asked, and for no cache. */
const PRIVATE = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" };

/** A Lambda answers with 6 MB at the most (Lambda quotas), and what wraps it counts. */
const MOST_BYTES = 5_500_000;

/** An answer of one of the shared parts, as a function can give it. */
export function wholeAnswer({ status, headers, body }: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string | Buffer | Iterable<Buffer> }): FunctionAnswer {
  const bytes = typeof body === "string" || Buffer.isBuffer(body) ? Buffer.from(body) : Buffer.concat([...body]);
  const { "Content-Length": _length, ...rest } = headers;
  if (bytes.length <= MOST_BYTES) return { status, headers: { ...PRIVATE, ...rest }, body: bytes.toString() };
  const message = `The answer has ${bytes.length} bytes, more than a function can give: ask for less, such as one namespace`;
  return { status: 500, headers: { ...PRIVATE, "Content-Type": "application/json" }, body: `${JSON.stringify({ code: 500, message })}\n` };
}
