import { randomUUID } from "node:crypto";
import type { CloudRequest } from "../cloud/send.ts";

/**
 * An upload in one request with metadata of its own (Cloud Storage JSON API, "Multipart upload").
 * @param metadata of the object, such as its name
 */
export function multipartUpload(url: string, metadata: object, body: Uint8Array): CloudRequest {
  const boundary = randomUUID();
  const part = (type: string): string => `--${boundary}\r\nContent-Type: ${type}\r\n\r\n`;
  const head = `${part("application/json; charset=UTF-8")}${JSON.stringify(metadata)}\r\n${part("application/octet-stream")}`;
  return {
    method: "POST",
    url,
    headers: { "content-type": `multipart/related; boundary=${boundary}` },
    body: Uint8Array.from(Buffer.concat([Buffer.from(head), body, Buffer.from(`\r\n--${boundary}--\r\n`)])),
  };
}
