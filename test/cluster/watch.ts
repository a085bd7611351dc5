import { isObject, type Json } from "../support/json.ts";
import { RequestRefused } from "./errors.ts";
import type { Resource } from "./resource.ts";
import type { Transport } from "./transport.ts";

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly object: Resource;
}

export interface WatchOptions {
  readonly resourceVersion?: string;
  readonly signal?: AbortSignal;
}

/**
 * Events of one path until the server ends the watch or `signal` aborts.
 * @throws {RequestRefused} where the server refuses, at once or by an ERROR event (410 among them)
 */
export async function* watchPath(transport: Transport, path: string, options: WatchOptions = {}): AsyncGenerator<WatchEvent> {
  const { resourceVersion, signal } = options;
  const version = resourceVersion === undefined ? "" : `&resourceVersion=${resourceVersion}`;
  const full = `${path}${path.includes("?") ? "&" : "?"}watch=true&allowWatchBookmarks=true${version}`;
  let status = 0;
  try {
    for await (const line of transport.lines(full, signal, (code) => (status = code))) {
      const event = JSON.parse(line) as { type: WatchEvent["type"] | "ERROR"; object: Json };
      if (event.type === "ERROR") throw refusal(full, event.object);
      yield { type: event.type, object: event.object as Resource };
    }
  } catch (error) {
    if (signal?.aborted) return;
    throw error;
  }
  if (status !== 200) throw new RequestRefused("GET", full, { status, body: "the watch was refused" });
}

function refusal(path: string, body: Json): RequestRefused {
  const code = isObject(body) && typeof body["code"] === "number" ? body["code"] : 0;
  return new RequestRefused("GET", path, { status: code, body });
}
