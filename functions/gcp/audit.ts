import { isObject } from "../../shared/apply/json.ts";
import { failure } from "../../shared/cds/refusals.ts";
import { parseJson } from "../../shared/cloud/json.ts";
import { decodeEvent } from "../../shared/events/decode.ts";
import { isRefusal } from "../../shared/events/decoded.ts";
import type { Context } from "../../shared/serverless/context.ts";
import { createEventHandler } from "../../shared/serverless/handle-event.ts";
import { type FunctionAnswer, type FunctionRequest, wholeAnswer } from "../../shared/serverless/http.ts";
import { clusterOfLog } from "./log-cluster.ts";

/**
 * Takes the audit log of GKE clusters (docs/events.md). Not registered as a function of CloudEvents: what the framework makes one of,
 * the plain request of a push subscription, has lost the name of the subscription.
 */
export function createAuditHandler(context: Context): (request: FunctionRequest) => Promise<FunctionAnswer> {
  const { log } = context;
  const { take } = createEventHandler(context);
  return async ({ headers, body }) => {
    // Whatever the sender calls it: there is nothing else that Pub/Sub and Eventarc send.
    const decoded = decodeEvent({ headers: { ...headers, "content-type": "application/json" }, body });
    const path = clusterOfLog(dataOf(parseJson(body)));
    if (isRefusal(decoded) || path === undefined) {
      // It would be brought again and again.
      log.error("an event that cannot be read, and is dropped", { why: isRefusal(decoded) ? decoded.message : "it names no GKE cluster" });
      return wholeAnswer({ status: 204, headers: {}, body: "" });
    }
    try {
      await take(decoded.changes, ({ connect }) => connect.type === "gke" && connect.cluster === path);
    } catch (error) {
      log.error("a pass could not be asked for; the event comes again", { err: error });
      return wholeAnswer(failure(503, "The event could not be passed on"));
    }
    return wholeAnswer({ status: 204, headers: {}, body: "" });
  };
}

/** What a CloudEvent in structured mode is about; all else is that itself. */
function dataOf(body: unknown): unknown {
  return isObject(body) && body["specversion"] !== undefined ? body["data"] : body;
}
