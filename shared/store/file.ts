import { hash } from "node:crypto";
import { readFile, stat, mkdir, open, readdir, rename, rmdir, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { createChangeListeners } from "./change-listeners.ts";
import { checkCondition, isConditional } from "./condition.ts";
import type { Condition } from "./condition.ts";
import { asStoreError } from "./file-error.ts";
import { removeLeftovers } from "./file-leftovers.ts";
import { listFiles } from "./file-list.ts";
import { createFileLocks } from "./file-lock.ts";
import type { FileLockTimes } from "./file-lock.ts";
import { ownIdentity } from "./file-process.ts";
import { syncDirectory, unless } from "./file-system.ts";
import type { FileSystem } from "./file-system.ts";
import { moveInto, prune, writeTemporary } from "./file-write.ts";
import { checkKey, checkPrefix, compareKeys } from "./key.ts";
import type { GetResult, ObjectStore } from "./object-store.ts";

export interface FileStoreOptions {
  /** Default: node:fs/promises. */
  readonly fs?: FileSystem;
  readonly lockTimes?: FileLockTimes;
}

const NODE_FS: FileSystem = { mkdir, open, readdir, readFile, rename, rmdir, stat, unlink };

/** A claim is held for one rename; ten seconds mean that the other machine is gone. */
const LOCK_TIMES: FileLockTimes = { patience: 30_000, abandoned: 10_000 };

/**
 * An object store in a directory: a key is the path of a plain file. Every write appears as a whole or not at all and
 * survives a loss of power; conditions hold between processes. A key cannot be both a file and the beginning of
 * another (`a` and `a/b`). `#tmp` and `#locks`, which no key can name, hold what is under way.
 * @param root made at the first write
 * @example const store = createFileStore("/var/lib/stunner");
 */
export function createFileStore(root: string, options: FileStoreOptions = {}): ObjectStore {
  const directory = resolve(root);
  const fs = options.fs ?? NODE_FS;
  const temporary = join(directory, "#tmp");
  const claims = join(directory, "#locks");
  const own = ownIdentity();
  const locks = createFileLocks(fs, claims, options.lockTimes ?? LOCK_TIMES, own);
  const listeners = createChangeListeners();
  let cleaned: Promise<unknown> | undefined;

  async function read(key: string): Promise<Exclude<GetResult, { status: "not-modified" }>> {
    // ENOTDIR, EISDIR: a part of the path is an object, or the path is the beginning of other keys.
    const body = await unless(["ENOENT", "ENOTDIR", "EISDIR"], fs.readFile(join(directory, key)));
    return body === undefined ? { status: "absent" } : { status: "found", body, etag: etagOf(body) };
  }

  async function currentEtag(key: string): Promise<string | undefined> {
    const result = await read(key);
    return result.status === "found" ? result.etag : undefined;
  }

  function clean(): Promise<unknown> {
    cleaned ??= Promise.all([temporary, claims].map((at) => removeLeftovers(fs, at, Date.now(), own)));
    return cleaned;
  }

  async function put(key: string, body: Uint8Array, condition: Condition): Promise<string> {
    await clean();
    // A race that is lost already costs no write.
    if (isConditional(condition)) checkCondition(key, condition, await currentEtag(key));
    const path = join(directory, key);
    const written = await writeTemporary(fs, temporary, body, own);
    try {
      await locks.withLock(key, async (confirm) => {
        if (isConditional(condition)) checkCondition(key, condition, await currentEtag(key));
        await confirm();
        await moveInto(fs, written, path);
      });
    } catch (error) {
      await fs.unlink(written).catch(() => undefined);
      throw error;
    }
    await syncDirectory(fs, dirname(path));
    listeners.notify(key);
    return etagOf(body);
  }

  async function remove(key: string, condition: Condition): Promise<void> {
    await clean();
    const path = join(directory, key);
    const removed = await locks.withLock(key, async (confirm) => {
      const etag = await currentEtag(key);
      checkCondition(key, condition, etag);
      if (etag === undefined) return false;
      await confirm();
      await fs.unlink(path);
      return true;
    });
    if (!removed) return;
    await syncDirectory(fs, dirname(path));
    await prune(fs, dirname(path), directory);
    listeners.notify(key);
  }

  return {
    async get(key, { ifNoneMatch } = {}) {
      checkKey(key);
      const result = await asStoreError(`read ${key} in ${directory}`, read(key));
      return result.status === "found" && result.etag === ifNoneMatch ? { status: "not-modified" } : result;
    },
    async put(key, body, condition = {}) {
      checkKey(key);
      return { etag: await asStoreError(`write ${key} in ${directory}`, put(key, body, condition)) };
    },
    async delete(key, condition = {}) {
      checkKey(key);
      await asStoreError(`delete ${key} in ${directory}`, remove(key, condition));
    },
    async list(prefix) {
      const files = listFiles(fs, directory, checkPrefix(prefix), etagOf);
      const listed = (await asStoreError(`list ${prefix} in ${directory}`, files)).filter(({ key }) => key.startsWith(prefix));
      return listed.sort(compareKeys);
    },
    onChange: (listener) => listeners.add(listener),
  };
}

/** The content's own: what was read as one piece has the tag of that piece. */
function etagOf(body: Uint8Array): string {
  return hash("sha256", body, "hex").slice(0, 32);
}
