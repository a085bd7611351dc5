import { makeable, ownerOf } from "../apply/ownership.ts";
import type { Deletion } from "../render/result.ts";
import type { ClusterState } from "../resources/cluster.ts";

/** A pass would delete so much that it is more likely a mistake (DESIGN.md 2). */
export class MassDelete extends Error {
  readonly code = "MassDelete";
  readonly retryable = false;

  constructor(removed: number, owned: number) {
    super(
      `this pass would delete ${removed} of ${owned} Services that are ours; nothing was changed. ` +
        "Put back what they come from, or start with --allow-mass-delete",
    );
    this.name = "MassDelete";
  }
}

/** The Services that a pass would delete and those that are ours, where that is too many; else undefined. */
export function massDelete(state: ClusterState, deletions: readonly Deletion[], garbage: readonly Deletion[]): MassDelete | undefined {
  const collected = count(garbage);
  const owned = [...makeable(state)].filter((object) => object.kind === "Service" && ownerOf(object)).length + collected;
  const removed = count(deletions) + collected;
  return removed > Math.max(3, owned * 0.2) ? new MassDelete(removed, owned) : undefined;
}

function count(deletions: readonly Deletion[]): number {
  return deletions.filter((deletion) => deletion.kind === "Service").length;
}
