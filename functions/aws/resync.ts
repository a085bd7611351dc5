import { openContext } from "../../shared/serverless/context.ts";
import { createResyncHandler } from "../../shared/serverless/handle-resync.ts";
import { lazily } from "../../shared/serverless/lazily.ts";
import { awsCloud } from "./cloud.ts";
import { telling } from "./telling.ts";

const open = lazily(() => createResyncHandler(openContext(awsCloud(process.env))));

/** The timer. EventBridge Scheduler sends `{"cluster": "<name>"}`; without a name all clusters are meant. */
export const handler = telling(async (event: { readonly cluster?: unknown } | null): Promise<void> => {
  await open()(typeof event?.cluster === "string" ? event.cluster : undefined);
});
