import { hash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Which process wrote a temporary file or a lock claim, so that others can tell when it is gone. `machine` is the boot
 * and the process namespace: only within it does a process number mean something. `start` tells a process from a
 * later one with the same number; "0" where the system does not say (anything but Linux).
 */
export interface ProcessIdentity {
  readonly machine: string;
  readonly pid: number;
  readonly start: string;
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  const boot = attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")) ?? hostname();
  const namespace = attempt(() => readlinkSync("/proc/self/ns/pid")) ?? "";
  return {
    machine: hash("sha256", `${boot} ${namespace}`, "hex").slice(0, 12),
    pid: process.pid,
    start: processStart(process.pid)?.start ?? "0",
  };
}

/** `machine-pid-start`, fit for a file name. */
export function formatIdentity(identity: ProcessIdentity): string {
  return `${identity.machine}-${identity.pid}-${identity.start}`;
}

/** The identity in a file name of parts joined by dots; undefined where there is none. */
export function findIdentity(name: string): ProcessIdentity | undefined {
  const match = /(?:^|\.)([0-9a-f]{12})-([1-9]\d{0,9})-(\d+)(?:\.|$)/.exec(name);
  if (match === null) return undefined;
  const [, machine = "", pid = "", start = ""] = match;
  return { machine, pid: Number(pid), start };
}

/** Whether a process still runs; "unknown" where this process cannot see it. */
export function lifeOf(other: ProcessIdentity | undefined, own: ProcessIdentity): "alive" | "dead" | "unknown" {
  if (other?.machine !== own.machine) return "unknown";
  if (!exists(other.pid)) return "dead";
  const found = processStart(other.pid);
  // Hidden from this user, or a system without /proc: its number is in use, by itself or by a later process.
  if (found === undefined || other.start === "0") return "unknown";
  return found.start === other.start && !found.ended ? "alive" : "dead";
}

/** A process that may not be signalled exists nevertheless. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** When a process began, in ticks since boot, and whether it only waits for its parent to notice its end (proc(5)). */
function processStart(pid: number): { start: string; ended: boolean } | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // The name in parentheses may hold spaces and parentheses itself.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const start = fields?.[19];
  return start === undefined ? undefined : { start, ended: /^[ZXx]$/.test(fields?.[0] ?? "") };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
