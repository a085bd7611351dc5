import type { ClusterState } from "../../shared/resources/cluster.ts";
import { kindOf } from "../../shared/resources/kinds.ts";
import type { KubeObject } from "../../shared/resources/meta.ts";
import { clusterState } from "../../shared/state/cluster-state.ts";
import { textOf, type JsonObject } from "./json.ts";

/** An object as an API server would give it out: validated, defaults filled in; or why it would be refused. */
export function admit(object: JsonObject): { readonly object: KubeObject } | { readonly refused: string } {
  const info = kindOf({ apiVersion: textOf(object, "apiVersion"), kind: textOf(object, "kind") });
  if (!info) return { refused: `kind ${textOf(object, "kind")} is not known` };
  const parsed = info.schema.safeParse(object);
  if (parsed.success) return { object: parsed.data };
  return { refused: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ") };
}

/** The state of a cluster that holds these objects, each of which an API server takes. */
export function stateOf(objects: Iterable<JsonObject>): ClusterState {
  return clusterState(
    [...objects].map((one) => {
      const result = admit(one);
      if ("refused" in result) throw new TypeError(`${JSON.stringify(one)}: ${result.refused}`);
      return result.object;
    }),
  );
}
