import type { RenderResult } from "../../shared/render/result.ts";

/** The result as text, byte for byte: keys in their order, Maps and Sets as lists in theirs. */
export function resultText(result: RenderResult): string {
  return JSON.stringify(result, (_key, value: unknown) => (value instanceof Map || value instanceof Set ? [...(value as Iterable<unknown>)] : value));
}
