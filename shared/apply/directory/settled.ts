/**
 * Remembers which files were found to be as they should be, so that a pass costs what changed. Objects that were loaded
 * are compared by identity: the loader gives the same ones while their files are the same.
 */
export interface Settled {
  has(path: string, seen: readonly unknown[], desired: object): boolean;
  add(path: string, seen: readonly unknown[], desired: object): void;
}

export function createSettled(): Settled {
  const known = new Map<string, { readonly seen: readonly unknown[]; readonly desired: string }>();
  return {
    has(path, seen, desired) {
      const one = known.get(path);
      return one !== undefined && one.seen.every((object, i) => object === seen[i]) && one.desired === JSON.stringify(desired);
    },
    add: (path, seen, desired) => void known.set(path, { seen, desired: JSON.stringify(desired) }),
  };
}
