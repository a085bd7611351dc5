import { decodeMessage } from "../queue/message.ts";
import type { PassMessage } from "../queue/pass-queue.ts";
import type { Context } from "./context.ts";
import { createReconcileHandler } from "./handle-reconcile.ts";

/** A message as a queue brings it. */
export interface BatchRecord {
  readonly id: string;
  readonly body: string;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
}

interface Ask {
  readonly message: PassMessage;
  readonly ids: readonly string[];
  readonly sentAt: number;
}

/**
 * Several messages at once. Those that ask for a pass over the same cluster get one pass, which begins after all of them.
 * @returns ids of those that the queue must hand out again; what is no message of ours is among them, until the queue gives it up
 */
export function createBatchHandler(context: Context): (records: readonly BatchRecord[], end: number) => Promise<readonly string[]> {
  const reconcile = createReconcileHandler(context);
  return async (records, end) => {
    const asks = new Map<string, Ask>();
    const failed: string[] = [];
    for (const { id, body, sentAt } of records) {
      const message = decodeMessage(body);
      if (message === undefined) {
        context.log.error("a message that is none of ours", { id });
        failed.push(id);
        continue;
      }
      const key = `${message.cluster} ${message.look ?? ""}`;
      const before = asks.get(key);
      asks.set(key, { message: newer(before?.message, message), ids: [...(before?.ids ?? []), id], sentAt: Math.max(before?.sentAt ?? 0, sentAt) });
    }
    await Promise.all([...asks.values()].map(async ({ message, ids, sentAt }) => {
      if ((await reconcile(message, { sentAt, end })) === "failed") failed.push(...ids);
    }));
    return failed;
  };
}

function newer(before: PassMessage | undefined, message: PassMessage): PassMessage {
  return before !== undefined && before.start > message.start ? before : message;
}
