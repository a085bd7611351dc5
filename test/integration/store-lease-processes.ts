import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { leaseOptions } from "../../functions/local/lease-options.ts";
import { openLease } from "../../shared/store/lease.ts";
import { eventually } from "../support/running-serve.ts";
import type { StoreUnderTest } from "./store-contract.ts";

const CHILD = join(import.meta.dirname, "../unit/lease-child.ts");

/** Holders in processes of their own, which are killed and stopped. Only for stores that another process can open. */
export function leasesOfProcesses(get: () => StoreUnderTest): void {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  async function holder(duration: number): Promise<{ child: ChildProcess; ask: () => Promise<string> }> {
    const { url = "", env = {} } = get();
    const child = spawn(process.execPath, [CHILD, url, "c", String(duration)], { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, ...env } });
    children.push(child);
    const said = async (): Promise<string> => String(((await once(child.stdout, "data")) as [Buffer])[0]).trim();
    expect(await said()).toBe("held 1");
    const ask = async (): Promise<string> => {
      const answer = said();
      child.stdin.write("?\n");
      return answer;
    };
    return { child, ask };
  }

  const open = () => openLease(get().store, leaseOptions("c"));

  test("a process that was killed holds nobody up on its machine", async () => {
    const held = await holder(60_000);
    await expect(open()).rejects.toMatchObject({ code: "lease-held", message: expect.stringContaining(`/${held.child.pid}`) });
    held.child.kill("SIGKILL");
    await once(held.child, "exit");
    expect(await (await open()).acquire()).toBe(2);
  });

  test("a process that was stopped is respected until its deadline, and then writes nothing any more", async () => {
    const held = await holder(3_000);
    held.child.kill("SIGSTOP");
    await eventually(() => (readFileSync(`/proc/${held.child.pid}/stat`, "utf8").split(") ")[1] ?? "").startsWith("T"));
    await expect(open()).rejects.toMatchObject({ code: "lease-held" });
    await eventually(() => open().then(() => true, () => false));
    expect(await (await open()).acquire()).toBe(2);
    held.child.kill("SIGCONT");
    expect(await held.ask()).toBe("lease-lost");
  });
}
