import type { Cluster, FieldDifference } from "../../shared/apply/cluster.ts";
import { liveObject, liveObjects } from "../../shared/apply/live/live-objects.ts";
import { objectKey } from "../../shared/apply/ownership.ts";
import { title } from "../../shared/apply/title.ts";
import type { ClusterState } from "../../shared/resources/cluster.ts";
import { clusterState } from "../../shared/state/cluster-state.ts";
import { leafDifferences } from "./leaf-differences.ts";

/** What differed in the objects of a pass, by the name that its report has for them. */
export type Differences = ReadonlyMap<string, readonly FieldDifference[]>;

export interface Recording {
  readonly cluster: Cluster;
  readonly differences: Differences;
  /** What the last pass could not read. */
  unread(): readonly string[];
}

/** A cluster that remembers, value by value, what the writes of the last pass found different. */
export function createRecording(cluster: Cluster): Recording {
  const differences = new Map<string, readonly FieldDifference[]>();
  let state: ClusterState = clusterState([]);
  let objects = liveObjects(state);
  let unread: readonly string[] = [];
  return {
    differences,
    unread: () => unread,
    cluster: {
      ...cluster,
      async load(beforeWrite) {
        differences.clear();
        const loaded = await cluster.load(beforeWrite);
        ({ state, unread } = loaded);
        objects = liveObjects(state);
        return loaded;
      },
      async write(object, leave) {
        const written = await cluster.write(object, leave);
        const live = objects.get(objectKey(object));
        // A source that cannot tell: what it has loaded can.
        const found = written.differences ?? (live && written.operation !== "unchanged" ? leafDifferences(live, object) : []);
        if (found.length > 0) differences.set(title(object), found);
        return written;
      },
      async writeStatus(desired) {
        const written = await cluster.writeStatus(desired);
        if (written.operation === "unchanged") return written;
        const found = leafDifferences(liveObject(state, desired)?.["status"], desired.status, { at: "status", isWhole: true });
        if (found.length > 0) differences.set(`status of ${title(desired)}`, found);
        return written;
      },
    },
  };
}
