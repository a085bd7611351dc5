import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { CloudError } from "../../../shared/cloud/errors.ts";
import { callAws } from "../../support/moto.ts";
import type { CloudServer } from "../server.ts";
import type { Lambda } from "./lambda.ts";

/** What Lambda does for an SQS queue: receives, invokes, and deletes what did not fail (ReportBatchItemFailures). */
export interface EventSource {
  /** Rejects when messages cannot be received, or not be deleted for want of the right to. */
  readonly ended: Promise<void>;
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

/** A call of SQS. */
type Ask = <T>(target: string, input: object) => Promise<T>;

export interface EventSourceOptions {
  /** Default: as the root user of `server`. Lambda asks with the function's role. */
  readonly ask?: Ask;
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

export function startEventSource({ server, url, lambda, batch = 1, disturb = (records) => records, forgets = () => false, ...options }: EventSourceOptions): EventSource {
  const { ask = (target, input) => callAws(server, "sqs", target, input) } = options;
  const received: SQSRecord[] = [];
  const stopping = new AbortController();
  let invocations = 0;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const input = { QueueUrl: url, MaxNumberOfMessages: batch, WaitTimeSeconds: 1, AttributeNames: ["All"] };
      const { Messages = [] } = await ask<{ Messages?: Message[] }>("AmazonSQS.ReceiveMessage", input);
      if (Messages.length === 0) continue;
      const records = disturb(Messages.map(recordOf));
      received.push(...records);
      invocations += 1;
      const failed = await failures(records);
      if (forgets()) continue;
      for (const { MessageId, ReceiptHandle } of Messages) {
        if (failed.has(MessageId)) continue;
        await ask("AmazonSQS.DeleteMessage", { QueueUrl: url, ReceiptHandle }).catch((error: unknown) => {
          // Others come too late: the message was handed out again.
          if (error instanceof CloudError && error.code.startsWith("AccessDenied")) throw error;
        });
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
    ended: running,
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
