import { type PassMessage } from "../../shared/queue/pass-queue.ts";
import { decodeMessage } from "../../shared/queue/message.ts";
import { createSqsQueue } from "../../shared/queue/sqs.ts";
import { callAws } from "../support/moto.ts";
import { AWS_TEST_CREDENTIALS } from "../support/versitygw.ts";
import type { CloudServer } from "./server.ts";

/** The two queues of a deployment on moto, as Terraform makes them. */
export interface MotoQueues {
  readonly queueUrl: string;
  readonly lookUrl: string;
}

/** @param delay seconds that the queue of second looks delays */
export async function makeQueues(server: CloudServer, name: string, delay: number): Promise<MotoQueues> {
  const make = async (queue: string, attributes: Record<string, string>): Promise<string> => {
    const input = { QueueName: `${queue}.fifo`, Attributes: { FifoQueue: "true", ...attributes } };
    return (await callAws<{ QueueUrl: string }>(server, "sqs", "AmazonSQS.CreateQueue", input)).QueueUrl;
  };
  return { queueUrl: await make(`${name}-passes`, {}), lookUrl: await make(`${name}-looks`, { DelaySeconds: String(delay) }) };
}

/** One instance of a function that sends. */
export function openQueues(queues: MotoQueues, now: () => number = Date.now): ReturnType<typeof createSqsQueue> {
  return createSqsQueue({ ...queues, region: "us-east-1", now, credentials: { get: async () => AWS_TEST_CREDENTIALS, drop: () => undefined } });
}

/** What Lambda does: hands messages to `handle` one by one, and deletes those that it has done. Ends by itself when asked to. */
export async function consume(server: CloudServer, url: string, handle: (message: PassMessage) => Promise<void>, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const input = { QueueUrl: url, MaxNumberOfMessages: 1, WaitTimeSeconds: 1 };
    const { Messages = [] } = await callAws<{ Messages?: { Body: string; ReceiptHandle: string }[] }>(server, "sqs", "AmazonSQS.ReceiveMessage", input);
    for (const { Body, ReceiptHandle } of Messages) {
      const message = decodeMessage(Body);
      if (message !== undefined) await handle(message);
      await callAws(server, "sqs", "AmazonSQS.DeleteMessage", { QueueUrl: url, ReceiptHandle });
    }
  }
}
