import { hash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { StoreLocked } from "./errors.ts";
import { findIdentity, formatIdentity, lifeOf } from "./file-process.ts";
import type { ProcessIdentity } from "./file-process.ts";
import { unless } from "./file-system.ts";
import type { FileSystem } from "./file-system.ts";
import { creating } from "./file-write.ts";
import { createQueues } from "./queues.ts";

export interface FileLocks {
  /**
   * Does the work while nobody else, in this process or another, works on the same key.
   * @param work gets `confirm`, to be called right before a change becomes visible: it throws when this process was
   *   stopped for so long that others took the lock over.
   * @throws {StoreLocked} the lock could not be had in time, or was lost
   */
  withLock<T>(key: string, work: (confirm: () => Promise<void>) => Promise<T>): Promise<T>;
}

export interface FileLockTimes {
  /** Milliseconds to wait for others. */
  readonly patience: number;
  /** Milliseconds after which a claim counts as abandoned when its process cannot be seen from here. */
  readonly abandoned: number;
}

/**
 * Locks between processes without flock, which Node does not have. Whoever wants a lock puts a claim, a file with a
 * name that is never used again, into `directory` and then looks: who sees no other claim has the lock. Of two that
 * see each other the younger gives way. Claims of dead processes are removed by anybody, which is safe because names
 * are not reused; taking over one shared lock file would not be.
 */
export function createFileLocks(fs: FileSystem, directory: string, times: FileLockTimes, own: ProcessIdentity): FileLocks {
  const inTurn = createQueues();
  /** Claims of this instance that are over, in case one cannot be removed at once. */
  const over = new Set<string>();

  async function isAbandoned(claim: string, mine: string): Promise<boolean> {
    if (over.has(claim)) return true;
    const life = lifeOf(findIdentity(claim), own);
    if (life !== "unknown") return life === "dead";
    // Both times are the file system's own: clocks of other machines do not matter.
    const [theirs, ours] = await Promise.all([claim, mine].map((name) => unless(["ENOENT"], fs.stat(join(directory, name)))));
    return theirs !== undefined && ours !== undefined && ours.mtimeMs - theirs.mtimeMs > times.abandoned;
  }

  /** Puts the claim there, or makes it young again. */
  async function stake(claim: string): Promise<void> {
    const path = join(directory, claim);
    await (await creating(fs, path, () => fs.open(path, "w"))).close();
  }

  async function withdraw(claim: string): Promise<void> {
    over.add(claim);
    await unless(["ENOENT"], fs.unlink(join(directory, claim)));
    over.delete(claim);
  }

  /** Whether the claim stands, and the claims of others that do. */
  async function look(mine: string): Promise<{ standing: boolean; others: string[] }> {
    const [lock] = mine.split(".");
    const names = await fs.readdir(directory);
    const others: string[] = [];
    for (const name of names) {
      if (name === mine || !name.startsWith(`${lock}.`)) continue;
      if (await isAbandoned(name, mine)) await withdraw(name);
      else others.push(name);
    }
    return { standing: names.includes(mine), others };
  }

  async function acquire(mine: string): Promise<void> {
    const began = performance.now();
    for (;;) {
      await stake(mine);
      const { standing, others } = await look(mine);
      if (standing && others.length === 0) return;
      const late = performance.now() - began > times.patience;
      if (late || others.some((name) => name < mine)) await withdraw(mine);
      if (late) throw new StoreLocked(`another process holds ${others.map((name) => join(directory, name)).join(", ")} for too long`);
      await wait(1 + Math.random() * 4);
    }
  }

  return {
    withLock: (key, work) =>
      inTurn(key, async () => {
        const mine = claimName(key, formatIdentity(own));
        await acquire(mine);
        try {
          return await work(async () => {
            const claim = await unless(["ENOENT"], fs.stat(join(directory, mine)));
            if (claim === undefined) throw new StoreLocked(`${key}: this process stood still for so long that it lost its lock`);
          });
        } finally {
          await withdraw(mine);
        }
      }),
  };
}

/** `lock.time.process.random`: claims on one key begin alike, and sort by age. */
function claimName(key: string, identity: string): string {
  const lock = hash("sha256", key, "hex").slice(0, 32);
  return `${lock}.${Date.now().toString(36).padStart(9, "0")}.${identity}.${randomBytes(6).toString("hex")}`;
}
