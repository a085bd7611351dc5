import type { ClusterClient } from "./client.ts";
import type { Reference, Resource } from "./resource.ts";

/** An object did not become what a test waits for. The message has its last state. */
export class NeverHappened extends Error {
  readonly code = "NeverHappened";
  readonly retryable = false;

  constructor({ kind, metadata }: Reference, limit: number, last: Resource | undefined) {
    const state = JSON.stringify(last, undefined, 2) ?? "there is none";
    super(`${kind} ${metadata.namespace ?? ""}/${metadata.name} after ${limit} ms: ${state}`);
    this.name = "NeverHappened";
  }
}

/**
 * Waits, by a watch, until an object is as it should be, and returns it; `undefined` is an object that is not there.
 * @throws {NeverHappened} after `limit` milliseconds
 */
export async function until(
  client: ClusterClient,
  object: Reference,
  isSo: (live: Resource | undefined) => boolean,
  limit = 15_000,
): Promise<Resource | undefined> {
  const { apiVersion, kind, metadata } = object;
  const path = await client.discovery.pathOfAll(apiVersion, kind, metadata.namespace ?? "default");
  const deadline = Date.now() + limit;
  let live = await client.get(object);
  while (!isSo(live)) {
    const signal = AbortSignal.timeout(Math.max(1, deadline - Date.now()));
    // With this version nothing between the read and the watch is missed; without an object there is nothing to miss.
    const from = live ? { resourceVersion: live.metadata.resourceVersion } : {};
    for await (const event of client.watch(`${path}?fieldSelector=metadata.name=${metadata.name}`, { signal, ...from })) {
      if (event.type !== "BOOKMARK") live = event.type === "DELETED" ? undefined : event.object;
      if (isSo(live)) return live;
    }
    if (Date.now() >= deadline) throw new NeverHappened(object, limit, live);
    live = await client.get(object);
  }
  return live;
}

/** Waits until an object is there and as it should be. */
export async function untilLive(
  client: ClusterClient,
  object: Reference,
  isSo: (live: Resource) => boolean,
  limit?: number,
): Promise<Resource> {
  const live = await until(client, object, (one) => one !== undefined && isSo(one), limit);
  if (!live) throw new Error("a predicate that no missing object satisfies was satisfied by one");
  return live;
}

/** Waits until an object is gone. */
export async function untilGone(client: ClusterClient, object: Reference, limit?: number): Promise<void> {
  await until(client, object, (one) => one === undefined, limit);
}
