import type { IncomingMessage } from "node:http";
import { unpackEvent } from "../../shared/events/unpack-event.ts";
import { readBody } from "../../shared/http/read-body.ts";

/**
 * Reads a body, out of gzip where it says so.
 * @param most bytes that are read
 * @returns `gone` where the sender has left before it said everything
 */
export async function readEventBody(req: IncomingMessage, most: number): Promise<Uint8Array | "too-large" | "not-gzip" | "gone"> {
  const body = await readBody(req, most);
  return typeof body === "string" ? body : unpackEvent(body, req.headers);
}
