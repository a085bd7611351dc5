import type { ClusterClient } from "../client.ts";
import { RequestRefused } from "../errors.ts";
import type { Resource } from "../resource.ts";
import type { WatchEvent } from "../watch.ts";

/** Somebody else who writes to the cluster. */
export interface Actor {
  /** Ends it. @throws whatever made it fail before */
  stop(): Promise<void>;
}

/** What an actor looks at, and what it does then. */
export interface Interest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  /** Called one at a time for each object: as it is at first, after each change, and when it is gone. */
  act(object: Resource, type: WatchEvent["type"]): Promise<void>;
}

/** Starts an actor that watches. A conflict or an object that has gone meanwhile is no failure: the next event follows. */
export function startActor(client: ClusterClient, interests: readonly Interest[]): Actor {
  const stopping = new AbortController();
  const running = Promise.all(interests.map((interest) => follow(client, interest, stopping.signal)));
  // Told by stop(), not as an unhandled rejection.
  running.catch(() => stopping.abort());
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function follow(client: ClusterClient, { apiVersion, kind, namespace, act }: Interest, signal: AbortSignal): Promise<void> {
  const path = await client.discovery.pathOfAll(apiVersion, kind, namespace);
  while (!signal.aborted) {
    for await (const { type, object } of client.watch(path, { signal })) {
      if (type !== "BOOKMARK") await act(object, type).catch(ignoreRaces);
      if (signal.aborted) return;
    }
  }
}

function ignoreRaces(error: unknown): void {
  if (!(error instanceof RequestRefused) || (error.code !== "Conflict" && error.code !== "NotFound")) throw error;
}
