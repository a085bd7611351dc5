import type { Changed } from "../../shared/apply/directory/manifest-reader.ts";

/** Collects what may have changed between two passes. */
export interface Hints {
  add(path: string): void;
  /** What has changed is not known. */
  addAll(): void;
  take(): Changed;
}

/** Everything may have changed at first. */
export function createHints(): Hints {
  let paths = new Set<string>();
  let all = true;
  return {
    add: (path) => void paths.add(path),
    addAll() {
      all = true;
    },
    take() {
      const taken: Changed = all ? "all" : paths;
      paths = new Set();
      all = false;
      return taken;
    },
  };
}
