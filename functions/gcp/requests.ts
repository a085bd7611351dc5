import type { IncomingMessage, ServerResponse } from "node:http";
import type { FunctionAnswer, FunctionRequest } from "../../shared/serverless/http.ts";

/** What the functions framework has read of a body. */
type Read = IncomingMessage & { readonly rawBody?: Buffer };

export function requestOf(req: Read): FunctionRequest {
  const { method = "", url = "", headers, rawBody = Buffer.alloc(0) } = req;
  return { method, url, headers, body: rawBody, address: clientOf(headers["x-forwarded-for"]) };
}

/** Google's front end adds the address that it sees at the end; what is before it, the client can have made up. */
function clientOf(forwarded: string | readonly string[] | undefined): string {
  return String(forwarded ?? "").split(",").at(-1)?.trim() ?? "";
}

export function answer(req: IncomingMessage, res: ServerResponse, { status, headers, body }: FunctionAnswer): void {
  res.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) }).end(req.method === "HEAD" ? undefined : body);
}
