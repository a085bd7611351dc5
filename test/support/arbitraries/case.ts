import * as fc from "fast-check";
import type { RenderOptions } from "../../../shared/render/result.ts";
import type { ClusterState } from "../../../shared/resources/cluster.ts";
import { clusterState } from "../../../shared/state/cluster-state.ts";
import type { JsonObject } from "../json.ts";
import { admit } from "../state.ts";
import { clusterObjects } from "./cluster.ts";
import { renderOptions } from "./options.ts";

/** A cluster that an API server could hold, and settings. */
export interface Case {
  readonly objects: readonly JsonObject[];
  readonly options: RenderOptions;
  /** The cluster of the objects. */
  readonly state: ClusterState;
}

/** What an API server refuses is left out, as the loaders do. */
export const anyCase: fc.Arbitrary<Case> = fc.record({ objects: clusterObjects, options: renderOptions }).map(({ objects, options }) => {
  const admitted = objects.flatMap((object) => {
    const result = admit(object);
    return "refused" in result ? [] : [{ given: object, taken: result.object }];
  });
  const state = clusterState(admitted.map((one) => one.taken));
  const one: Case = { objects: admitted.map(({ given }) => given), options, state };
  // So that a counterexample shows the objects only once.
  return Object.defineProperty(one, "state", { enumerable: false });
});
