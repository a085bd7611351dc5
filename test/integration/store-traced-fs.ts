import { mkdir, open, readdir, readFile, rename, rmdir, stat, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { FileSystem } from "../../shared/store/file-system.ts";

/** Called before and after every operation on files, and in the middle of writing one: may throw, wait, or end the process. */
export type OnStep = (step: string) => void | Promise<void>;

/** The real file system with `onStep` between all that is done to it. Steps read `before rename PATH`, `after sync PATH`. */
export function tracedFileSystem(onStep: OnStep): FileSystem {
  // One cast per overloaded function: the wrapper passes arguments and results through as they are.
  const traced = <F extends (...args: never[]) => Promise<unknown>>(name: string, operation: F): F =>
    (async (...args: Parameters<F>) => {
      const path = String(args[0]);
      await onStep(`before ${name} ${path}`);
      const result = await operation(...args);
      await onStep(`after ${name} ${path}`);
      return name === "open" ? tracedHandle(path, result as FileHandle, onStep) : result;
    }) as unknown as F;

  return {
    mkdir: traced("mkdir", mkdir as never) as typeof mkdir,
    open: traced("open", open),
    readdir: traced("readdir", readdir as never) as typeof readdir,
    readFile: traced("readFile", readFile as never) as typeof readFile,
    rename: traced("rename", rename),
    rmdir: traced("rmdir", rmdir),
    stat: traced("stat", stat as never) as typeof stat,
    unlink: traced("unlink", unlink),
  };
}

/** A handle of which writing, syncing and closing are steps; a write has one more in its middle. */
function tracedHandle(path: string, handle: FileHandle, onStep: OnStep): FileHandle {
  const step = async <T>(name: string, operation: () => Promise<T>): Promise<T> => {
    await onStep(`before ${name} ${path}`);
    const result = await operation();
    await onStep(`after ${name} ${path}`);
    return result;
  };
  const steps: Record<string, (...args: never[]) => Promise<unknown>> = {
    sync: () => step("sync", () => handle.sync()),
    close: () => step("close", () => handle.close()),
    writeFile: (body: Uint8Array) =>
      step("writeFile", async () => {
        const middle = Math.floor(body.length / 2);
        await handle.write(body, 0, middle);
        await onStep(`amid writeFile ${path}`);
        await handle.write(body, middle, body.length - middle);
      }),
  };
  return new Proxy(handle, {
    get(target, property) {
      const value: unknown = steps[String(property)] ?? Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** An error as the system would give it. */
export function systemError(code: string, errno: number): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: injected`), { code, errno });
}

/** The real file system, of which the first step that begins like this fails. */
export function failingFileSystem(step: string, error: Error): FileSystem {
  let failed = false;
  return tracedFileSystem((at) => {
    if (failed || !at.startsWith(step)) return;
    failed = true;
    throw error;
  });
}
