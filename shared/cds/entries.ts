import type { ConfigEntry } from "./source.ts";

/** The configurations of one namespace, or all of them, ascending by id. */
export function entriesOf(entries: ReadonlyMap<string, ConfigEntry>, namespace: string | undefined): ConfigEntry[] {
  const all = [...entries.values()];
  return namespace === undefined ? all : all.filter((entry) => entry.id.startsWith(`${namespace}/`));
}
