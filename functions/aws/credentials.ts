import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { openContext } from "../../shared/serverless/context.ts";
import { createCredentialsHandler } from "../../shared/serverless/handle-credentials.ts";
import { lazily } from "../../shared/serverless/lazily.ts";
import { awsCloud } from "./cloud.ts";
import { toRequest, toResult } from "./http.ts";
import { telling } from "./telling.ts";

const open = lazily(() => createCredentialsHandler(openContext(awsCloud(process.env))));

/** TURN credentials and ICE configurations for applications. */
export const handler = telling(async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
  return toResult(await open()(toRequest(event)));
});
