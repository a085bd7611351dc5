import type { IncomingMessage } from "node:http";
import { finished } from "node:stream/promises";
import type { KubeAnswer, KubeRequest } from "./client.ts";
import { KubeError } from "./errors.ts";
import { errorOf } from "./status.ts";

/** An answer larger than this is no list page of ours. */
const LARGEST_ANSWER = 256 * 1024 * 1024;

/**
 * The whole of an answer.
 * @throws {KubeError} where the status is 400 or more, or the answer is no JSON or too large
 * @throws {Error} where the connection breaks
 */
export async function readAnswer(response: IncomingMessage, request: KubeRequest, largest = LARGEST_ANSWER): Promise<KubeAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Iterating would cost half as much again as deciphering.
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > largest) response.destroy();
    else chunks.push(chunk);
  });
  try {
    await finished(response);
  } catch (error) {
    throw bytes > largest ? badAnswer(request, `an answer of more than ${largest} bytes`, false) : error;
  }
  const status = response.statusCode ?? 0;
  const isRefused = status >= 300;
  const body = parsed(Buffer.concat(chunks), isRefused ? undefined : request.parse);
  if (status >= 400) throw errorOf(request, status, body, response.headers["retry-after"]);
  if (body === undefined || isRefused) throw badAnswer(request, `the answer, of status ${status}, is not what an API server answers`, true);
  return { status, body, bytes };
}

/** One line of a watch. @throws {KubeError} where it is no JSON: half a line is what a cut connection leaves */
export function readLine(line: string, request: Pick<KubeRequest, "method" | "path">): unknown {
  const news = parsed(line);
  if (news === undefined) throw badAnswer(request, "a line that is no JSON", true);
  return news;
}

function badAnswer({ method, path }: Pick<KubeRequest, "method" | "path">, what: string, retryable: boolean): KubeError {
  return new KubeError(`${method} ${path}: ${what}`, { code: "BadAnswer", status: 0, retryable });
}

/** Undefined where it is no JSON. */
function parsed<T extends Buffer | string>(text: T, parse: (text: T) => unknown = (json) => JSON.parse(json.toString())): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
