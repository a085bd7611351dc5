import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { isGzip } from "./admit-event.ts";
import { MAX_EVENT_BYTES, type RawEvent } from "./decode.ts";

const unpack = promisify(gunzip);

/** Takes a body out of gzip where its headers say so. What would be more than an event may have is not unpacked further. */
export async function unpackEvent(body: Uint8Array, headers: RawEvent["headers"]): Promise<Uint8Array | "too-large" | "not-gzip"> {
  if (body.length > MAX_EVENT_BYTES) return "too-large";
  if (!isGzip(headers["content-encoding"])) return body;
  try {
    return await unpack(body, { maxOutputLength: MAX_EVENT_BYTES });
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE" ? "too-large" : "not-gzip";
  }
}
