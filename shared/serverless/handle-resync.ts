import { askAfresh } from "../queue/resync.ts";
import { inParallel } from "../store/parallel.ts";
import type { Context } from "./context.ts";

const WIDTH = 8;

/** Passes could not be asked for. The message names the clusters. */
export class ResyncFailed extends AggregateError {
  readonly code = "ResyncFailed";
  readonly retryable = true;

  constructor(clusters: readonly string[], errors: readonly unknown[]) {
    super(errors, `no pass could be asked for: ${clusters.join(", ")}`);
    this.name = "ResyncFailed";
  }
}

/**
 * The timer: asks for a pass over each cluster, whatever became of events (DESIGN.md 2).
 * @param only name of the one that is meant; absent: all of them
 * @throws {ResyncFailed} when all others have been asked for
 */
export function createResyncHandler({ cloud, clusters, store, log, now }: Context): (only?: string) => Promise<void> {
  const queue = cloud.openQueue();
  return async (only) => {
    const listed = [...(await clusters.read()).keys()].filter((name) => only === undefined || name === only);
    if (listed.length === 0) log.warn("a resync of a cluster that is not in the list", { cluster: only });
    const failures = new Map<string, unknown>();
    await inParallel(listed, WIDTH, async (cluster) => {
      try {
        await askAfresh(cluster, { store, queue, now });
        log.info("resync", { cluster });
      } catch (error) {
        log.error("no pass could be asked for", { cluster, err: error });
        failures.set(cluster, error);
      }
    });
    if (failures.size > 0) throw new ResyncFailed([...failures.keys()], [...failures.values()]);
  };
}
