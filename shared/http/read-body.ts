import type { IncomingMessage } from "node:http";

/**
 * Reads a body. Does not destroy the request where it is too large: that would take the connection from under the answer.
 * @param most bytes that are read
 * @returns `gone` where the sender has left before it said everything
 */
export function readBody(req: IncomingMessage, most: number): Promise<Buffer | "too-large" | "gone"> {
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
