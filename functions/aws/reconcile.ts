import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { openContext } from "../../shared/serverless/context.ts";
import { createBatchHandler } from "../../shared/serverless/handle-batch.ts";
import { lazily } from "../../shared/serverless/lazily.ts";
import { awsCloud } from "./cloud.ts";
import { telling } from "./telling.ts";

const open = lazily(() => createBatchHandler(openContext(awsCloud(process.env))));

/** Passes, asked for by messages of both queues. Needs ReportBatchItemFailures. */
export const handler = telling(async ({ Records }: SQSEvent, { getRemainingTimeInMillis }: Pick<Context, "getRemainingTimeInMillis">): Promise<SQSBatchResponse> => {
  const records = Records.map(({ messageId: id, body, attributes }) => ({ id, body, sentAt: Number(attributes.SentTimestamp) }));
  const failed = await open()(records, Date.now() + getRemainingTimeInMillis());
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
});
