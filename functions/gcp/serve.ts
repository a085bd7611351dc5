import { http } from "@google-cloud/functions-framework";
import type { IncomingMessage, ServerResponse } from "node:http";
import { failure } from "../../shared/cds/refusals.ts";
import { type Context, openContext } from "../../shared/serverless/context.ts";
import { type FunctionAnswer, type FunctionRequest, wholeAnswer } from "../../shared/serverless/http.ts";
import { lazily } from "../../shared/serverless/lazily.ts";
import { createFunctionLog } from "../../shared/serverless/log.ts";
import { googleCloud } from "./cloud.ts";
import { limitBodies } from "./bodies.ts";
import { onServer } from "./on-server.ts";
import { answer, requestOf } from "./requests.ts";

/** More than an event may have, which says so itself. */
const MOST_BYTES = 4 * 1024 * 1024;

type Handler = (request: FunctionRequest) => Promise<FunctionAnswer>;

/** Registers a function that answers requests with what `open` makes at the first of them. */
export function serveHttp(name: string, open: (context: Context) => Handler): void {
  const handler = lazily(() => open(openContext(googleCloud(process.env))));
  // One process serves one function, and a bundle may have several.
  if ((process.env["FUNCTION_TARGET"] ?? name) === name) onServer((server) => limitBodies(server, MOST_BYTES));
  http(name, (req, res) => survive(req, res, async () => answer(req, res, await handler()(requestOf(req)))));
}

/** What must not happen is told, and answered without a word of why. */
export async function survive(req: IncomingMessage, res: ServerResponse, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (err) {
    createFunctionLog("error").error("a request could not be answered", { err });
    if (res.headersSent) res.destroy();
    else answer(req, res, wholeAnswer(failure(500, "Internal error")));
  }
}
