import { type AwsCredentialSource, environmentCredentials } from "../aws/credentials.ts";
import { callAws } from "../aws/call.ts";
import type { SendOptions } from "../cloud/send.ts";
import { InvalidQueue } from "./errors.ts";
import { encodeMessage } from "./message.ts";
import { type PassMessage, type PassQueue, identityOf } from "./pass-queue.ts";

export interface SqsOptions {
  /** URL of the FIFO queue whose messages start passes; its group is the cluster. */
  readonly queueUrl: string;
  /** URL of the FIFO queue that delays every message by LOOK_DELAY_S. */
  readonly lookUrl: string;
  readonly region: string;
  /** Default: those of the environment. */
  readonly credentials?: AwsCredentialSource;
  readonly sending?: SendOptions;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * SQS FIFO: one group per cluster, so that one message of it is worked on at a time; the identity is the deduplication id,
 * which SQS remembers for five minutes, also of what was received (SQS API, SendMessage).
 * @throws {InvalidQueue} a URL is not that of a FIFO queue
 */
export function createSqsQueue(options: SqsOptions): PassQueue {
  const { queueUrl, lookUrl, region, credentials = environmentCredentials(), sending, now = Date.now } = options;
  for (const url of [queueUrl, lookUrl]) {
    if (!URL.canParse(url) || !/^https?:\/\/[^@?#]+\.fifo$/.test(url)) throw new InvalidQueue("the URL of an SQS queue must be https://… and end with .fifo");
  }
  return {
    async send(message: PassMessage) {
      const url = message.look === undefined ? queueUrl : lookUrl;
      const input = {
        QueueUrl: url,
        MessageBody: encodeMessage(message),
        MessageGroupId: message.cluster,
        MessageDeduplicationId: identityOf(message, now()),
      };
      const call = { doing: `send a message for cluster ${message.cluster} to SQS`, service: "sqs", url: new URL(url).origin, target: "AmazonSQS.SendMessage", input };
      await callAws(call, { region, credentials, sending });
    },
  };
}
