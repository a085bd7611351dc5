import { readdirSync, watch } from "node:fs";
import { join } from "node:path";

/** What is written to a file store, by whom soever: a write is a rename into the directory of its key. */
export interface StoreWatch {
  /** Keys, in order, once for each write or delete. */
  readonly written: readonly string[];
  /** Resolves with the next write or delete of a key. */
  next(key: string): Promise<void>;
  close(): void;
}

/** Looks at every directory that there is by now; one that comes later is itself a write in another. */
export function watchStore(root: string): StoreWatch {
  const written: string[] = [];
  const waiting = new Set<(key: string) => void>();
  const directories = readdirSync(root, { recursive: true, withFileTypes: true }).filter((one) => one.isDirectory());
  // What no key can name holds what is under way.
  const paths = directories.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => !path.includes("#"));
  const watchers = paths.map((path) =>
    watch(path, (_event, name) => {
      const key = join(path, name ?? "").slice(root.length + 1);
      written.push(key);
      for (const tell of waiting) tell(key);
    }),
  );
  return {
    written,
    next: (key) =>
      new Promise((resolve) => {
        const tell = (found: string): void => {
          if (found !== key) return;
          waiting.delete(tell);
          resolve();
        };
        waiting.add(tell);
      }),
    close: () => watchers.forEach((one) => one.close()),
  };
}
