import { createEventHandler } from "../../shared/serverless/handle-event.ts";
import { createAuditHandler } from "./audit.ts";
import { serveHttp } from "./serve.ts";

/** `event`: open to the world, for API servers, whose path has the token of a cluster. */
serveHttp("event", (context) => createEventHandler(context).answer);

/** `audit`: for a Pub/Sub push subscription or Eventarc, which alone may invoke it (IAM). The log says which cluster it is of. */
serveHttp("audit", createAuditHandler);
