import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { writeAnswer } from "../write-answer.ts";
import { answerOf, faultOf, type Fault, RemoteSilent } from "./fault.ts";
import { askRemote, passedBack, prefixOf, type Remote } from "./remote.ts";

/**
 * Passes a request on and the answer back, piece by piece, as fast as the client takes them.
 * @param silence milliseconds within which the answer must begin
 * @param onFault told of what could not be passed on
 */
export async function forward(remote: Remote, req: IncomingMessage, res: ServerResponse, silence: number, onFault: (fault: Fault) => void): Promise<void> {
  const gone = new AbortController();
  res.once("close", () => gone.abort());
  try {
    const answer = await begin(remote, req, gone, silence);
    res.writeHead(answer.statusCode ?? 502, passedBack(answer.headers, prefixOf(remote.url)));
    // Where either side breaks off, so does the other: a half answer must not look like a whole one.
    pipeline(answer, res, () => undefined);
  } catch (error) {
    if (res.destroyed) return;
    const fault = faultOf(error, remote.url.origin);
    onFault(fault);
    const { status, headers, body } = answerOf(fault);
    writeAnswer(req, res, { status, headers, body: String(body) });
  }
}

async function begin(remote: Remote, req: IncomingMessage, gone: AbortController, silence: number): Promise<IncomingMessage> {
  const token = await remote.token();
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const asked = askRemote(remote, token, { method: req.method ?? "GET", target: req.url ?? "", headers: req.headers, signal: gone.signal });
  const late = setTimeout(() => asked.destroy(new RemoteSilent()), silence);
  asked.once("response", resolve).on("error", reject).end();
  return promise.finally(() => clearTimeout(late));
}
