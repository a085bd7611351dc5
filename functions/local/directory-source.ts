import { createDirectoryCluster } from "../../shared/apply/directory.ts";
import { createQueue } from "../../shared/events/queue.ts";
import { createHints } from "./hints.ts";
import { RETRY_MS, type Source, type SourceContext } from "./source.ts";
import { watchTree } from "./watch-tree.ts";

/** Editors and tools write in several steps: so long without a change, and at most so much patience. */
const QUIET_MS = 10;
const PATIENCE_MS = 200;

/** Two directories as a cluster: what the user wrote, and what we make of it. */
export function createDirectorySource(places: { readonly manifests: string; readonly out: string }, context: SourceContext): Source {
  const { pass, throttle, resync, onRequest, warn } = context;
  const hints = createHints();
  const queue = createQueue({ pass, throttle, resync, retry: RETRY_MS, quiet: QUIET_MS, patience: PATIENCE_MS, onRequest });
  // Watching may miss something: now and then everything is read.
  let complete: NodeJS.Timeout | undefined;
  let watches: readonly { readonly ready: Promise<void>; close(): void }[] = [];

  function onChange(path: string | undefined): void {
    if (path === undefined) hints.addAll();
    else hints.add(path);
    queue.request();
  }
  return {
    cluster: createDirectoryCluster({ ...places, now: Date.now, changed: hints.take }),
    described: [
      ["manifests", places.manifests],
      ["objects and statuses", places.out],
    ],
    request: queue.request,
    async start() {
      complete = setInterval(hints.addAll, resync);
      const onUnwatched = (directory: string, error: unknown) =>
        warn(`${directory} cannot be watched: changes there are seen every ${resync / 1000} s`, error);
      watches = [places.manifests, places.out].map((directory) => watchTree(directory, onChange, onUnwatched));
      await Promise.all(watches.map(({ ready }) => ready));
      queue.request();
    },
    async close() {
      for (const watch of watches) watch.close();
      clearInterval(complete);
      await queue.close();
    },
  };
}
