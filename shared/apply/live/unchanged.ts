import { sameJson } from "../json.ts";

/**
 * Which live objects were found to need no write, and for what was wanted of them. A load gives an object again as the
 * very same one only while nothing in it has changed (state/live/object-cache.ts): then the answer is still the same.
 */
export interface Unchanged {
  has(live: object, desired: object): boolean;
  note(live: object, desired: object): void;
}

export function createUnchanged(): Unchanged {
  const wanted = new WeakMap<object, object>();
  return {
    has(live, desired) {
      const before = wanted.get(live);
      return before !== undefined && sameJson(before, desired);
    },
    note: (live, desired) => void wanted.set(live, desired),
  };
}
