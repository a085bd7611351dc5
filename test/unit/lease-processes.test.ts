import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, watch } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { leaseOptions } from "../../functions/local/lease-options.ts";
import { processIdentity } from "../../functions/local/process-identity.ts";
import { openLease } from "../../shared/store/lease.ts";
import { openStore } from "../../shared/store/open.ts";
import { gateway, PLATFORM } from "../support/manifests.ts";
import { directoryOf, eventually, run } from "../support/running-serve.ts";
import { CLI } from "../support/cli.ts";

let directory: Awaited<ReturnType<typeof directoryOf>>;
let url: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  directory = await directoryOf({ "m/platform.yaml": PLATFORM });
  url = `file://${directory.path}/store`;
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await directory.remove();
});

/** A process that holds the lease of cluster `default`. */
async function holder(duration?: number): Promise<{ child: ChildProcess; ask: () => Promise<string> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "lease-child.ts"), url, "default", ...(duration ? [String(duration)] : [])], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const said = async (): Promise<string> => String(((await once(child.stdout, "data")) as [Buffer])[0]).trim();
  expect(await said()).toBe("held 1");
  return {
    child,
    async ask() {
      const answer = said();
      child.stdin.write("?\n");
      return answer;
    },
  };
}

const open = () => openLease(openStore(url), leaseOptions("default"));
const stateOf = ({ pid }: ChildProcess): string => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.[0] ?? "";

async function stop(child: ChildProcess): Promise<void> {
  child.kill("SIGSTOP");
  await eventually(() => stateOf(child) === "T");
}

describe("a holder that was killed", () => {
  it("holds nobody up on its machine", async () => {
    const { child } = await holder();
    await expect(open()).rejects.toMatchObject({ code: "lease-held", message: expect.stringContaining(`/${child.pid}`) });
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await (await open()).acquire()).toBe(2);
  });

  it("lets `reconcile` begin at once, with another number", async () => {
    const { child } = await holder();
    child.kill("SIGKILL");
    await once(child, "exit");
    const { code, stdout } = await run(["reconcile", `--manifests=${directory.path}/m`, `--out=${directory.path}/out`, `--store=${url}`]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("status of GatewayClass stunner: created")]);
    expect((await openStore(url).list("clusters/default/lease/")).map(({ key }) => key)).toEqual(["clusters/default/lease/2.json"]);
  });
});

describe("serve, killed while it writes", () => {
  it("leaves what `reconcile` goes on with at once", async () => {
    const settings = [`--manifests=${directory.path}/m`, `--out=${directory.path}/out`, `--store=${url}`];
    for (let round = 0; round < 4; round++) {
      await mkdir(join(directory.path, "store/clusters/default/lease"), { recursive: true });
      const leases = watch(join(directory.path, "store/clusters/default/lease"));
      const taken = once(leases, "change");
      await writeFile(join(directory.path, "m/one.yaml"), gateway("one", { port: 4000 + round }));
      const serve = spawn(process.execPath, [CLI, "serve", ...settings, "--config-discovery-address=127.0.0.1:0"], { stdio: "ignore" });
      children.push(serve);
      await taken;
      leases.close();
      serve.kill("SIGKILL");
      await once(serve, "exit");
      const { code, stdout } = await run(["reconcile", ...settings, "-o", "json"]);
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { outcome: "done" }]);
      expect(await readFile(join(directory.path, "out/Service/media/one.yaml"), "utf8")).toContain(`port: ${4000 + round}`);
    }
  });
});

describe("a holder that was stopped", () => {
  it("is respected until its deadline, and then writes nothing any more", async () => {
    const { child, ask } = await holder(3000);
    await stop(child);
    const began = Date.now();
    const record = JSON.parse(readFileSync(join(directory.path, "store/clusters/default/lease/1.json"), "utf8")) as { deadline: number };
    await expect(open()).rejects.toMatchObject({ code: "lease-held" });
    await eventually(() => open().then(() => true, () => false));
    expect(Date.now()).toBeGreaterThanOrEqual(record.deadline);
    expect(record.deadline).toBeGreaterThan(began);
    expect(await (await open()).acquire()).toBe(2);
    child.kill("SIGCONT");
    expect(await ask()).toBe("lease-lost");
  });

  it("goes on with its work where nobody has come", async () => {
    const { child, ask } = await holder(60_000);
    await stop(child);
    child.kill("SIGCONT");
    expect(await ask()).toBe("held 1");
  });
});

describe("another process", () => {
  const identity = processIdentity();
  const [where = "", pid = "", start = ""] = identity?.own.split(" ") ?? [];

  it("is told from one that got its number later", async () => {
    expect(await identity?.isDead(`${where} ${pid} ${start}`)).toBe(false);
    expect(await identity?.isDead(`${where} ${pid} ${Number(start) - 1}`)).toBe(true);
  });

  it("is dead where nobody has its number, a zombie too", async () => {
    // A shell that has become another program never asks what became of its child.
    const shell = spawn("/bin/sh", ["-c", "sleep 0 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(shell);
    const zombie = Number(String(((await once(shell.stdout, "data")) as [Buffer])[0]));
    await eventually(() => readFileSync(`/proc/${zombie}/stat`, "utf8").includes(") Z "));
    const began = readFileSync(`/proc/${zombie}/stat`, "utf8").split(") ")[1]?.split(" ")[19];
    expect(await identity?.isDead(`${where} ${zombie} ${began}`)).toBe(true);
    shell.kill("SIGKILL");
    await once(shell, "exit");
    expect(await identity?.isDead(`${where} ${shell.pid} 1`)).toBe(true);
  });

  it("is not known to be dead on another machine, after a start, in another container, or where it cannot be understood", async () => {
    for (const other of [`elsewhere ${pid} 1`, `${where} x 1`, `${where}`, ""]) expect(await identity?.isDead(other)).toBe(false);
  });
});
