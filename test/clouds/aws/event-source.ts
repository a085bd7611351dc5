import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { callAws } from "../../support/moto.ts";
import type { CloudServer } from "../server.ts";
import type { Lambda } from "./lambda.ts";

/** What Lambda does for an SQS queue: receives, invokes, and deletes what did not fail (ReportBatchItemFailures). */
export interface EventSource {
  /** How often the function was invoked. */
  invocations(): number;
  /** Messages so far that were given to the function, each time. */
  readonly received: SQSRecord[];
  stop(): Promise<void>;
}

interface Message {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

export interface EventSourceOptions {
  readonly server: CloudServer;
  readonly url: string;
  readonly lambda: Lambda;
  /** Messages in a batch. */
  readonly batch?: number;
  /** Changes what the function gets: repeated, in another order. */
  readonly disturb?: (records: readonly SQSRecord[]) => readonly SQSRecord[];
  /** Whether the deletion of a batch gets lost, so that it comes again. */
  readonly forgets?: () => boolean;
}

export function startEventSource({ server, url, lambda, batch = 1, disturb = (records) => records, forgets = () => false }: EventSourceOptions): EventSource {
  const received: SQSRecord[] = [];
  const stopping = new AbortController();
  let invocations = 0;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const input = { QueueUrl: url, MaxNumberOfMessages: batch, WaitTimeSeconds: 1, AttributeNames: ["All"] };
      const { Messages = [] } = await callAws<{ Messages?: Message[] }>(server, "sqs", "AmazonSQS.ReceiveMessage", input);
      if (Messages.length === 0) continue;
      const records = disturb(Messages.map(recordOf));
      received.push(...records);
      invocations += 1;
      const failed = await failures(records);
      if (forgets()) continue;
      for (const { MessageId, ReceiptHandle } of Messages) {
        if (failed.has(MessageId)) continue;
        await callAws(server, "sqs", "AmazonSQS.DeleteMessage", { QueueUrl: url, ReceiptHandle }).catch(() => undefined);
      }
    }
  }

  async function failures(Records: readonly SQSRecord[]): Promise<ReadonlySet<string>> {
    try {
      const { batchItemFailures } = (await lambda.invoke({ Records })) as SQSBatchResponse;
      return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    } catch {
      return new Set(Records.map(({ messageId }) => messageId));
    }
  }

  const running = run();
  return {
    received,
    invocations: () => invocations,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function recordOf({ MessageId, ReceiptHandle, Body, Attributes }: Message): SQSRecord {
  return {
    messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, messageAttributes: {}, md5OfBody: "", eventSource: "aws:sqs", eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:q.fifo", awsRegion: "us-east-1",
    attributes: {
      ApproximateReceiveCount: Attributes["ApproximateReceiveCount"] ?? "1", SentTimestamp: Attributes["SentTimestamp"] ?? "0",
      SenderId: "", ApproximateFirstReceiveTimestamp: "0",
    },
  };
}
