export type PortMap = ReadonlyMap<string, number>;

/**
 * Reads the value of a `nodeport` or `targetport` annotation: a JSON object of listener name to whole number, whose
 * braces may be left out; undefined where it is anything else (spec/resources.md 2.4).
 */
export function parsePortMap(text: string): PortMap | undefined {
  const trimmed = text.trim();
  let value: unknown;
  try {
    value = JSON.parse(trimmed.startsWith("{") ? trimmed : `{${trimmed}}`);
  } catch {
    return undefined;
  }
  const entries = Object.entries(value as Record<string, unknown>);
  const ports = entries.filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1]));
  return ports.length === entries.length ? new Map(ports) : undefined;
}
