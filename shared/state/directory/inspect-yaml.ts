import { isAlias, isMap, isScalar, isSeq } from "yaml";

/** What of a document is not seen in its value. */
export interface Inspection {
  /** The first key that stands twice in one mapping, and where its second use starts. */
  readonly duplicate?: { readonly key: string; readonly offset: number };
  readonly hasAliases: boolean;
}

/** Looks at every node once; the parser's own check for duplicate keys takes time that grows with the square of a mapping. */
export function inspectYaml(root: unknown): Inspection {
  const open: unknown[] = [root];
  let hasAliases = false;
  while (open.length > 0) {
    const node = open.pop();
    if (isAlias(node)) hasAliases = true;
    if (isSeq(node)) for (const item of node.items) open.push(item);
    if (!isMap(node)) continue;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      open.push(value);
      // A symbol is the merge key: a mapping may be merged with several others.
      if (!isScalar(key) || typeof key.value === "symbol") continue;
      const name = String(key.value);
      if (seen.has(name)) return { duplicate: { key: name, offset: key.range?.[0] ?? 0 }, hasAliases };
      seen.add(name);
    }
  }
  return { hasAliases };
}

/**
 * How many values there are once every alias is written out; infinity where a value holds itself. Counts each shared
 * part once and so takes no longer than the document is.
 */
export function expandedSize(value: unknown, sizes: Map<unknown, number> = new Map()): number {
  if (typeof value !== "object" || value === null) return 1;
  const known = sizes.get(value);
  if (known !== undefined) return known;
  // Met again while it is being counted, it holds itself.
  sizes.set(value, Number.POSITIVE_INFINITY);
  let size = 1;
  for (const one of Object.values(value)) size += expandedSize(one, sizes);
  sizes.set(value, size);
  return size;
}
