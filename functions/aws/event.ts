import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, CloudWatchLogsEvent } from "aws-lambda";
import { decodeCloudWatchLogs, eksClusterOf } from "../../shared/events/decode-cloudwatch-logs.ts";
import { openContext } from "../../shared/serverless/context.ts";
import { createEventHandler, type EventHandler } from "../../shared/serverless/handle-event.ts";
import { lazily } from "../../shared/serverless/lazily.ts";
import { awsCloud } from "./cloud.ts";
import { toRequest, toResult } from "./http.ts";
import { telling } from "./telling.ts";

const open = lazily(() => createEventHandler(openContext(awsCloud(process.env))));

/** Events over HTTP, and the audit log of EKS by a subscription of CloudWatch Logs; what fails there is sent again. */
export const handler = telling(async (event: APIGatewayProxyEventV2 | CloudWatchLogsEvent): Promise<APIGatewayProxyStructuredResultV2 | void> => {
  if ("awslogs" in event) return takeLogs(open(), event);
  return toResult(await open().answer(toRequest(event)));
});

async function takeLogs(events: EventHandler, { awslogs }: CloudWatchLogsEvent): Promise<void> {
  const logs = await decodeCloudWatchLogs(awslogs.data);
  const eks = eksClusterOf(logs?.logGroup ?? "");
  if (!logs || eks === undefined || logs.changes.length === 0) return;
  await events.take(logs.changes, ({ name, connect }) => (connect.type === "eks" ? connect.cluster : name) === eks);
}
