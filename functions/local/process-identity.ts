import { readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { ProcessIdentity } from "../../shared/store/lease.ts";

/**
 * This process for others of the same machine: where its number counts, the number, and when it started, since numbers are
 * given again. Undefined where that cannot be told, as on anything but Linux: then nobody takes it for dead.
 */
export function processIdentity(): ProcessIdentity | undefined {
  const own = ownIdentity();
  if (own === undefined) return undefined;
  return {
    own,
    async isDead(other) {
      const [where, pid = "", start] = other.split(" ");
      // Of another machine, another boot or another container nothing is known.
      if (where !== own.split(" ")[0] || !/^\d+$/.test(pid)) return false;
      const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
      if (text === undefined) return isGone(Number(pid));
      const found = parse(text);
      return found !== undefined && (found.start !== start || ENDED.has(found.state));
    },
  };
}

/** Zombies have ended and wait for a parent that wants to know. */
const ENDED: ReadonlySet<string> = new Set(["Z", "X"]);

function ownIdentity(): string | undefined {
  try {
    const found = parse(readFileSync("/proc/self/stat", "utf8"));
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const where = [boot, ...["pid", "time"].map((space) => readlinkSync(`/proc/self/ns/${space}`))].join("/");
    // Otherwise /proc is that of other processes than ours.
    return found?.pid === process.pid ? `${where} ${found.pid} ${found.start}` : undefined;
  } catch {
    return undefined;
  }
}

/** The name, in brackets, may hold anything, brackets too (proc_pid_stat(5)). */
function parse(stat: string): { readonly pid: number; readonly state: string; readonly start: string } | undefined {
  const rest = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, start] = [rest[0], rest[19]];
  return state && start ? { pid: Number.parseInt(stat, 10), state, start } : undefined;
}

/** /proc may hide the processes of others. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
