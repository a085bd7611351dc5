import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { openContext } from "../../shared/serverless/context.ts";
import { createCdsHandler } from "../../shared/serverless/handle-cds.ts";
import { lazily } from "../../shared/serverless/lazily.ts";
import { awsCloud } from "./cloud.ts";
import { toRequest, toResult } from "./http.ts";
import { telling } from "./telling.ts";

const open = lazily(() => createCdsHandler(openContext(awsCloud(process.env))));

/** Configurations for the dataplane, over HTTP. */
export const handler = telling(async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
  return toResult(await open()(toRequest(event)));
});
