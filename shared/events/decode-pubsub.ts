import * as z from "zod/mini";
import { isDeep } from "../state/directory/depth.ts";
import { isObject } from "../apply/json.ts";
import { decodeGkeAudit, isLogEntry } from "./decode-gke-audit.ts";
import { type Decoded, refuse, refuseField } from "./decoded.ts";

const pushSchema = z.looseObject({ message: z.looseObject({ data: z.string() }), subscription: z.string() });

/** Whether a JSON value looks like what a push subscription sends. */
export function isPush(value: Readonly<Record<string, unknown>>): boolean {
  return value["message"] !== undefined && value["subscription"] !== undefined;
}

/** Decodes what a Pub/Sub push subscription sends of a sink of Cloud Logging: a LogEntry in base64 (Pub/Sub, "Receive push messages"). */
export function decodePush(body: unknown): Decoded {
  const parsed = pushSchema.safeParse(body);
  if (!parsed.success) return refuseField("Pub/Sub message", parsed.error);
  const text = Buffer.from(parsed.data.message.data, "base64").toString();
  const entry = parse(text);
  if (!isObject(entry)) return refuse(422, "BadEvent", "Pub/Sub message: data: is no LogEntry as JSON in base64");
  // A sink may send other entries too: they tell of nothing that is read here.
  return isLogEntry(entry) ? decodeGkeAudit(entry) : { changes: [] };
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isDeep(text) ? undefined : value;
  } catch {
    return undefined;
  }
}
