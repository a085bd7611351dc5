import { isMap, isScalar, isSeq } from "yaml";

/** A key that one mapping has twice, and where its second use starts. */
export interface DuplicateKey {
  readonly key: string;
  readonly offset: number;
}

/** Finds the first repeated key; the parser's own check takes time that grows with the square of a mapping's size. */
export function duplicateKey(root: unknown): DuplicateKey | undefined {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const node = open.pop();
    if (isSeq(node)) for (const item of node.items) open.push(item);
    if (!isMap(node)) continue;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      open.push(value);
      if (!isScalar(key)) continue;
      const name = String(key.value);
      // A mapping may be merged with several others.
      if (seen.has(name) && name !== "<<") return { key: name, offset: key.range?.[0] ?? 0 };
      seen.add(name);
    }
  }
  return undefined;
}
