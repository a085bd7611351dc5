import { type CloudEvent, cloudEvent } from "@google-cloud/functions-framework";
import { decodeCloudEvent } from "../../shared/events/decode-cloud-event.ts";
import { isRefusal } from "../../shared/events/decoded.ts";
import { openContext } from "../../shared/serverless/context.ts";
import { createEventHandler } from "../../shared/serverless/handle-event.ts";
import { lazily } from "../../shared/serverless/lazily.ts";
import { googleCloud } from "./cloud.ts";
import { clusterOfLog } from "./log-cluster.ts";
import { serveHttp } from "./serve.ts";

/** `event`: open to the world, for API servers and for Pub/Sub push subscriptions, whose path has the token of a cluster. */
serveHttp("event", (context) => createEventHandler(context).answer);

const opened = lazily(() => {
  const context = openContext(googleCloud(process.env));
  return { log: context.log, handler: createEventHandler(context) };
});

/** `audit`: for Eventarc, which alone may invoke it (IAM). The log says which cluster it is of. */
cloudEvent("audit", async ({ type, data }: CloudEvent<unknown>) => {
  const { log, handler } = opened();
  const decoded = decodeCloudEvent({ type, data });
  const path = clusterOfLog(data);
  if (!isRefusal(decoded) && path !== undefined) await handler.take(decoded.changes, ({ connect }) => connect.type === "gke" && connect.cluster === path);
  // Eventarc would bring it again and again.
  else log.error("an event that cannot be read, and is dropped", { type, why: isRefusal(decoded) ? decoded.message : "it names no GKE cluster" });
});
