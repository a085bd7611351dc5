import * as fc from "fast-check";
import type { RenderOptions } from "../../../shared/render/result.ts";
import type { JsonObject } from "../json.ts";
import { admit } from "../state.ts";
import { clusterObjects } from "./cluster.ts";
import { renderOptions } from "./options.ts";

/** A cluster that an API server could hold, and settings. */
export interface Case {
  readonly objects: readonly JsonObject[];
  readonly options: RenderOptions;
}

/** What an API server refuses is left out, as the loaders do. */
export const anyCase: fc.Arbitrary<Case> = fc
  .record({ objects: clusterObjects, options: renderOptions })
  .map(({ objects, options }) => ({ objects: objects.filter((object) => !("refused" in admit(object))), options }));
