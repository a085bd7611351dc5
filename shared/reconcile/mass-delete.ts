import { makeable, ownerOf } from "../apply/ownership.ts";
import type { ClusterState } from "../resources/cluster.ts";
import type { KubeObject } from "../resources/meta.ts";

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

/** @throws {MassDelete} for more than 3 and more than 20 % of the Services that are ours */
export function refuseMassDelete(state: ClusterState, remove: readonly KubeObject[]): void {
  const owned = [...makeable(state)].filter((object) => object.kind === "Service" && ownerOf(object)).length;
  const removed = remove.filter((object) => object.kind === "Service").length;
  if (removed > Math.max(3, owned * 0.2)) throw new MassDelete(removed, owned);
}
