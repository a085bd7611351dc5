import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { afterEach, expect, test, vi } from "vitest";
import { formatIdentity, lifeOf, ownIdentity, findIdentity } from "../../shared/store/file-process.ts";

afterEach(() => void vi.restoreAllMocks());

const own = ownIdentity();

function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

test("this process has an identity that survives being written as a file name", () => {
  expect(own.pid).toBe(process.pid);
  expect(formatIdentity(own)).toMatch(/^[0-9a-f]{12}-\d+-\d+$/);
  expect(findIdentity(formatIdentity(own))).toEqual(own);
  expect(findIdentity(`x.${formatIdentity(own)}.tmp`)).toEqual(own);
});

test.each(["", "x", "0123456789ab-0-1", "0123456789ab-12", "0123456789AB-1-1", "0123456789ab-1-1-1"])("%j is no identity", (text) => {
  expect(findIdentity(text)).toBeUndefined();
});

test("this process is alive, also when it may not be signalled", () => {
  expect(lifeOf(own, own)).toBe("alive");
  vi.spyOn(process, "kill").mockImplementation(() => {
    throw Object.assign(new Error("not permitted"), { code: "EPERM" });
  });
  expect(lifeOf(own, own)).toBe("alive");
});

test("a process of another machine or container is unknown", () => {
  expect(lifeOf({ ...own, machine: "000000000000" }, own)).toBe("unknown");
});

test("a later process with the same number is not the one", () => {
  expect(lifeOf({ ...own, start: String(Number(own.start) + 1) }, own)).toBe("dead");
});

test("where the system does not say when a process began, a number that is in use says nothing", () => {
  expect(lifeOf({ ...own, start: "0" }, own)).toBe("unknown");
});

test("a process that ended is dead", async () => {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"] });
  await once(child, "spawn");
  const identity = { ...own, pid: child.pid ?? 0, start: startOf(child.pid ?? 0) };
  expect(lifeOf(identity, own)).toBe("alive");
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  expect(lifeOf(identity, own)).toBe("dead");
});

test("a process that ended and whose parent does not care is dead", async () => {
  // The inner shell waits for a line; when it has ended, sleep, which took the place of its parent, never asks for it.
  const child = spawn("sh", ["-c", "exec 3<&0; sh -c 'read line <&3' & echo $!; exec sleep 60"], { stdio: ["pipe", "pipe", "ignore"] });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const pid = Number(line);
  const identity = { ...own, pid, start: startOf(pid) };
  expect(lifeOf(identity, own)).toBe("alive");
  child.stdin.end("\n");
  while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))) await new Promise(setImmediate);
  expect(lifeOf(identity, own)).toBe("dead");
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
});
