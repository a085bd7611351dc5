import { type FSWatcher, readFileSync, watch } from "node:fs";
import { log, type Dataplane } from "./dataplane.ts";

const PAUSE_MS = 1_000;

/**
 * The file of spec/stunnerd.md 11.3. A change in place is read at once; one by rename, and a symlink that points elsewhere, when
 * what was opened is removed, and then a second later. What is not good is read again every second.
 */
export function watchFile(path: string, dataplane: Dataplane): () => void {
  let watcher: FSWatcher | undefined;
  let next: NodeJS.Timeout | undefined;
  let last: string | undefined;
  const later = (run: () => void): void => {
    clearTimeout(next);
    next = setTimeout(run, PAUSE_MS);
  };

  function read(isFresh: boolean): void {
    const text = readFileSync(path, "utf8");
    if (text === "" || text === last) return;
    if (dataplane.take(text, isFresh) === "refused") later(() => attempt(() => read(isFresh)));
    else last = text;
  }

  function attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      log("WARN", `config file: ${error instanceof Error ? error.message : String(error)}`);
      later(open);
    }
  }

  function open(): void {
    watcher?.close();
    attempt(() => {
      // Follows symlinks, as stunnerd does: what is watched is the file, not its name.
      watcher = watch(path, (event) => {
        if (event === "rename") later(open);
        else attempt(() => read(false));
      });
      watcher.on("error", () => later(open));
      read(true);
    });
  }

  open();
  return () => {
    clearTimeout(next);
    watcher?.close();
  };
}
