import { readFile } from "node:fs/promises";
import { CommandFailure, reasonOf } from "./fail.ts";

/** Milliseconds between two looks. */
const PERIOD_MS = 1000;

export interface FollowFilesOptions {
  /** In the order of the paths; what is there to begin with. */
  readonly first: readonly Buffer[];
  /** Told of contents that have stayed the same for two looks, so that nobody sees half of a change. Must not throw. */
  readonly onChange: (contents: readonly Buffer[]) => void;
  /** Told once of what keeps the files from being read, until they can be read again. */
  readonly onError: (reason: string) => void;
  readonly periodMs?: number;
}

/**
 * Reads small files again and again, which notices every way in which they are replaced, links that are moved to another
 * directory included (so do kubelet and cert-manager).
 * @returns how to stop
 */
export function followFiles(paths: readonly string[], { first, onChange, onError, periodMs = PERIOD_MS }: FollowFilesOptions): () => void {
  let [told, seen] = [first, first];
  let failure = "";
  let isStopped = false;

  async function look(): Promise<void> {
    const [contents, reason] = await readAll(paths).then((read) => [read, ""] as const, (error: unknown) => [undefined, reasonOf(error)] as const);
    if (isStopped) return;
    if (contents === undefined) {
      if (reason !== failure) onError(reason);
    } else {
      const isStable = isSame(contents, seen);
      seen = contents;
      if (isStable && !isSame(contents, told)) {
        told = contents;
        onChange(contents);
      }
    }
    failure = reason;
    later();
  }

  function later(): void {
    setTimeout(() => void look(), periodMs).unref();
  }

  later();
  return () => {
    isStopped = true;
  };
}

/**
 * @param setting that names the file, for errors
 * @throws {CommandFailure}
 */
export async function readNamed(setting: string, path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw new CommandFailure(`${setting}: ${reasonOf(error)}`, 2, error);
  });
}

function readAll(paths: readonly string[]): Promise<readonly Buffer[]> {
  return Promise.all(paths.map((path) => readFile(path)));
}

function isSame(some: readonly Buffer[], others: readonly Buffer[]): boolean {
  return some.every((one, index) => others[index]?.equals(one));
}
