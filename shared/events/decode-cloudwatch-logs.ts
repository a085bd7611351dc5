import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import * as z from "zod/mini";
import { parseJson } from "../cloud/json.ts";
import type { Change } from "./change.ts";
import { decodeAudit } from "./decode-audit.ts";
import { isRefusal } from "./decoded.ts";

const unpack = promisify(gunzip);

const dataSchema = z.looseObject({
  messageType: z.string(),
  logGroup: z.string(),
  logEvents: z.array(z.looseObject({ message: z.string() })),
});

/** A batch of a subscription has at most 1 MB in gzip; what would be more than this is no log. */
const MOST_BYTES = 64 * 1024 * 1024;

export interface LogChanges {
  /** `/aws/eks/<cluster>/cluster` for the control plane of EKS. */
  readonly logGroup: string;
  readonly changes: readonly Change[];
}

/**
 * Reads what a subscription of CloudWatch Logs brings: JSON in gzip in base64 (CloudWatch Logs, "Subscription filters with
 * Lambda"). Lines that are no audit events of a Kubernetes API server, such as those of other logs of EKS, are passed over.
 * @returns undefined where it is nothing of the kind
 */
export async function decodeCloudWatchLogs(base64: string): Promise<LogChanges | undefined> {
  const text = await unpack(Buffer.from(base64, "base64"), { maxOutputLength: MOST_BYTES }).catch(() => undefined);
  const read = text === undefined ? undefined : dataSchema.safeParse(parseJson(text));
  if (!read?.success) return undefined;
  const { messageType, logGroup, logEvents } = read.data;
  // CONTROL_MESSAGE only asks whether anybody is there.
  const lines = messageType === "DATA_MESSAGE" ? logEvents : [];
  const changes = lines.flatMap(({ message }) => {
    const decoded = message.startsWith("{") ? decodeAudit(parseJson(Buffer.from(message))) : { changes: [] };
    return isRefusal(decoded) ? [] : decoded.changes;
  });
  return { logGroup, changes };
}

/** The name of an EKS cluster by the log group of its control plane; undefined: it is another log group. */
export function eksClusterOf(logGroup: string): string | undefined {
  return /^\/aws\/eks\/([^/]+)\/cluster$/.exec(logGroup)?.[1];
}
