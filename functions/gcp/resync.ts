import { failure } from "../../shared/cds/refusals.ts";
import { createResyncHandler, ResyncFailed } from "../../shared/serverless/handle-resync.ts";
import { wholeAnswer } from "../../shared/serverless/http.ts";
import { serveHttp } from "./serve.ts";

/** Cloud Scheduler posts to `/`, or to `/<cluster>` for one of them. Only it may invoke the function (IAM). */
serveHttp("resync", (context) => {
  const resync = createResyncHandler(context);
  return async ({ url }) => {
    const [, cluster = ""] = (url.split("?")[0] ?? "").split("/");
    try {
      await resync(cluster === "" ? undefined : cluster);
      return wholeAnswer({ status: 204, headers: {}, body: "" });
    } catch (error) {
      // Cloud Scheduler tries again.
      if (error instanceof ResyncFailed) return wholeAnswer(failure(503, error.message));
      throw error;
    }
  };
});
