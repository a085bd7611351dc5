import type { KubeObject } from "../../resources/meta.ts";
import type { FieldDifference } from "../cluster.ts";
import type { JsonObject } from "../json.ts";
import { differences } from "../live/differences.ts";
import { fieldText } from "../live/field-path.ts";

/** Fields of ours that a file has differently. Who wrote them, a file does not tell. */
export function fieldDifferences(live: KubeObject, desired: KubeObject): FieldDifference[] {
  return differences(live as JsonObject, desired as JsonObject).map(({ path, wanted, live: found }) => ({ field: fieldText(path), wanted, live: found }));
}
