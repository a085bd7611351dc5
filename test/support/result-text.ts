import type { RenderOptions, RenderResult } from "../../shared/render/result.ts";
import type { ClusterState } from "../../shared/resources/cluster.ts";

/** The result as text, byte for byte: keys in their order, Maps and Sets as lists in theirs. */
export const resultText = (result: RenderResult): string => textOf(result);

/** Everything that a rendering reads, likewise. */
export const inputText = (state: ClusterState, options: RenderOptions): string => textOf([state, options]);

function textOf(whole: unknown): string {
  return JSON.stringify(whole, (_key, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...(value as Iterable<unknown>)] : value,
  );
}
