import { failure } from "../../shared/cds/refusals.ts";
import { decodeMessage } from "../../shared/queue/message.ts";
import { createReconcileHandler } from "../../shared/serverless/handle-reconcile.ts";
import { wholeAnswer } from "../../shared/serverless/http.ts";
import { serveHttp } from "./serve.ts";
import { requestTimeout } from "./timeout.ts";

/** Cloud Tasks posts messages. Only it may invoke the function (IAM). */
serveHttp("reconcile", (context) => {
  const { log, now } = context;
  const handle = createReconcileHandler(context);
  return async ({ body, headers }) => {
    const end = now() + requestTimeout(process.env);
    const message = decodeMessage(Buffer.from(body).toString());
    if (message === undefined) {
      // Cloud Tasks would try it for ever.
      log.error("a task that is no message, and is dropped", { task: headers["x-cloudtasks-taskname"] });
      return wholeAnswer({ status: 204, headers: {}, body: "" });
    }
    const outcome = await handle(message, { sentAt: sentAt(headers["x-cloudtasks-tasketa"], now()), end });
    // Not 503 or 429: those would slow down the queue, for all clusters (Cloud Tasks, "Quotas and limits").
    return wholeAnswer(outcome === "failed" ? failure(500, "The pass has failed") : { status: 204, headers: {}, body: "" });
  };
});

/** @param eta seconds since the epoch (Cloud Tasks, "Create HTTP target tasks": request headers) */
function sentAt(eta: string | readonly string[] | undefined, now: number): number {
  const time = Number(eta) * 1000;
  return time > 0 && time < now ? time : now;
}
