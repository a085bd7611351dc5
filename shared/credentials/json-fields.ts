/** Port of a listener that names none (spec/stunnerd.md 3.4). */
export const DEFAULT_PORT = 3478;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text, or the empty one where there is none. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A port, or 0 where none is given; undefined: not one that stunnerd takes. */
export function portOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return 0;
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535 ? Number(value) : undefined;
}
