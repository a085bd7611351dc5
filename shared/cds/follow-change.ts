import type { ConfigEntry, SourceChange } from "./source.ts";

/** What was served, or will be. */
export interface Served {
  /** By id, ascending. */
  readonly entries: ReadonlyMap<string, ConfigEntry>;
  /** External IP address by node name. */
  readonly nodes: ReadonlyMap<string, string>;
}

/** What becomes of the one state to make it the other; undefined: nothing. */
export function changeBetween(before: Served, after: Served): SourceChange | undefined {
  const changed = [...after.entries.values()].filter(({ id, digest }) => before.entries.get(id)?.digest !== digest);
  const deleted = [...before.entries.keys()].filter((id) => !after.entries.has(id));
  const names = new Set([...before.nodes.keys(), ...after.nodes.keys()]);
  const nodes = [...names].filter((name) => before.nodes.get(name) !== after.nodes.get(name)).sort();
  return changed.length + deleted.length + nodes.length === 0 ? undefined : { changed, deleted, nodes };
}
