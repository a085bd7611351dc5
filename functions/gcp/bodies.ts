import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { failure } from "../../shared/cds/refusals.ts";
import { decodePath } from "../../shared/http/decode-path.ts";
import { readBody } from "../../shared/http/read-body.ts";
import { wholeAnswer } from "../../shared/serverless/http.ts";
import { answer } from "./requests.ts";

/**
 * Reads bodies before the functions framework does: it takes up to a gigabyte, out of gzip and parsed, from whoever asks, answers
 * what is no JSON by itself and logs it, contents and all. What has been read already it leaves alone.
 * The same goes for paths that cannot be decoded, of which it logs a part, which may be of a token.
 * @param most bytes that a body may have
 */
export function limitBodies(server: Server, most: number): void {
  const frameworks = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", async (req: IncomingMessage, res: ServerResponse) => {
    if (decodePath(req.url?.split("?")[0] ?? "") === undefined) return answer(req, res, wholeAnswer(failure(400, "The path is not percent-encoded as it should be")));
    const body = await readBody(req, most);
    if (body === "gone") return;
    if (body === "too-large") {
      res.setHeader("Connection", "close");
      answer(req, res, wholeAnswer(failure(413, `A request has at most ${most} bytes`)));
      return;
    }
    Object.assign(req, { rawBody: body });
    for (const listener of frameworks) Reflect.apply(listener, server, [req, res]);
  });
}
