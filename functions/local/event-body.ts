import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

const unpack = promisify(gunzip);

/**
 * Reads a body, out of gzip where it says so.
 * @param most bytes that it may have, packed and unpacked: what would be more is not unpacked further
 * @returns `gone` where the sender has left before it said everything
 */
export async function readEventBody(req: IncomingMessage, most: number): Promise<Buffer | "too-large" | "not-gzip" | "gone"> {
  const body = await readBody(req, most);
  if (typeof body === "string" || req.headers["content-encoding"]?.toLowerCase() !== "gzip") return body;
  try {
    return await unpack(body, { maxOutputLength: most });
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE" ? "too-large" : "not-gzip";
  }
}

/** Does not destroy the request where it is too large: that would take the connection from under the answer. */
function readBody(req: IncomingMessage, most: number): Promise<Buffer | "too-large" | "gone"> {
  const { promise, resolve } = Promise.withResolvers<Buffer | "too-large" | "gone">();
  const chunks: Buffer[] = [];
  let size = 0;
  req.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= most) return void chunks.push(chunk);
    req.pause();
    resolve("too-large");
  });
  req.once("end", () => resolve(Buffer.concat(chunks)));
  req.once("error", () => resolve("gone"));
  req.once("close", () => resolve("gone"));
  return promise;
}
