import * as z from "zod/mini";
import { parseJson } from "../cloud/json.ts";
import { isKeySegment } from "../store/key.ts";
import type { PassMessage } from "./pass-queue.ts";

const messageSchema = z.strictObject({
  cluster: z.string().check(z.refine(isKeySegment)),
  start: z.int().check(z.nonnegative()),
  look: z.optional(z.int().check(z.nonnegative())),
});

export function encodeMessage({ cluster, start, look }: PassMessage): string {
  return JSON.stringify({ cluster, start, ...(look === undefined ? {} : { look }) });
}

/** Undefined: no message of ours. Trying it again would not make it one. */
export function decodeMessage(body: string): PassMessage | undefined {
  const read = messageSchema.safeParse(parseJson(Buffer.from(body)));
  if (!read.success) return undefined;
  const { cluster, start, look } = read.data;
  return { cluster, start, ...(look === undefined ? {} : { look }) };
}
