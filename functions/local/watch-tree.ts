import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { join } from "node:path";
import { directoriesBelow } from "./directories.ts";

export interface TreeWatch {
  /** Resolves when everything that was there at the start is watched. */
  readonly ready: Promise<void>;
  close(): void;
}

/** How often to look for a root that is gone. */
const MISSING_ROOT_MS = 500;

/**
 * Calls back with the path of every change below a directory, new directories included, and with undefined where it is
 * not known what has changed. Hidden names are left out, since no loader reads them, but for links such as `..data`,
 * by which Kubernetes replaces the files of a mounted volume. One watch per directory: the recursive
 * watch of Node costs one per file on Linux and misses files in directories that have just been made. Changes are
 * hints: what has changed must be read again, and a root that is gone is looked for until it is back.
 * @param onError what cannot be watched, such as too many directories; called once per directory
 */
export function watchTree(root: string, onChange: (path?: string) => void, onError: (directory: string, error: unknown) => void): TreeWatch {
  const watchers = new Map<string, FSWatcher>();
  const refused = new Set<string>();
  const stop = new AbortController();
  let inodes: ReadonlyMap<string, string> = new Map();
  let wanted = 0;
  let scanning: Promise<void> | undefined;
  let again: NodeJS.Timeout | undefined;
  let started = false;

  function drop(directory: string): void {
    watchers.get(directory)?.close();
    watchers.delete(directory);
  }

  function add(directory: string): void {
    try {
      const watcher = watch(directory, { persistent: false }, (event, name) => {
        if (name?.startsWith(".") && !name.startsWith("..")) return;
        onChange(name === null || name.startsWith("..") ? undefined : join(directory, name));
        if (event === "rename") rescan();
      });
      watcher.on("error", () => {
        drop(directory);
        rescan();
      });
      watchers.set(directory, watcher);
    } catch (error) {
      if (!refused.has(directory)) onError(directory, error);
      refused.add(directory);
    }
  }

  /** One scan at a time; what happens meanwhile asks for one more. */
  function rescan(): void {
    wanted += 1;
    scanning ??= scan();
  }

  async function scan(): Promise<void> {
    for (let done = 0; done < wanted && !stop.signal.aborted; ) {
      done = wanted;
      const found = await directoriesBelow(root);
      if (stop.signal.aborted) break;
      adopt(found);
      if (found.size === 0) again = setTimeout(rescan, MISSING_ROOT_MS).unref();
    }
    scanning = undefined;
    started = true;
  }

  function adopt(found: ReadonlyMap<string, string>): void {
    // A directory that went and came back is watched anew: the old watch follows the inode.
    for (const directory of watchers.keys()) if (found.get(directory) !== inodes.get(directory)) drop(directory);
    const fresh = [...found.keys()].filter((directory) => !watchers.has(directory));
    inodes = found;
    for (const directory of fresh) add(directory);
    // What was written into a new directory before it was watched has made no event.
    if (started) for (const directory of fresh) onChange(directory);
  }

  rescan();
  return {
    ready: scanning ?? Promise.resolve(),
    close() {
      stop.abort();
      clearTimeout(again);
      for (const directory of watchers.keys()) drop(directory);
    },
  };
}
