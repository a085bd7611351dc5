import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { open, readdir, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gateway, PLATFORM } from "../support/manifests.ts";
import { directoryOf, startServe } from "../support/running-serve.ts";
import { CLI } from "../support/cli.ts";

let directory: Awaited<ReturnType<typeof directoryOf>>;
const children: ChildProcess[] = [];
beforeEach(async () => {
  directory = await directoryOf({ "m/platform.yaml": PLATFORM, "m/one.yaml": gateway("one") });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await directory.remove();
});

const at = (...path: string[]): string => join(directory.path, ...path);

/** A `serve` that waits for its list of clusters; resolves when it has begun to. */
async function waiting(): Promise<{ child: ChildProcess; say: (clusters: readonly object[]) => Promise<void> }> {
  spawnSync("mkfifo", [at("clusters.json")]);
  const child = spawn(process.execPath, [CLI, "serve", `--clusters=${at("clusters.json")}`, `--store=file://${at("store")}`, "--config-discovery-address=127.0.0.1:0"], { stdio: "ignore" });
  children.push(child);
  const pipe = await open(at("clusters.json"), "w");
  return {
    child,
    async say(clusters) {
      await pipe.writeFile(JSON.stringify(clusters));
      await pipe.close();
    },
  };
}

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  it("as soon as there is a line of log ends serve with 0, and the store is whole", async () => {
    for (let round = 0; round < 3; round++) {
      const serve = await startServe([`--manifests=${at("m")}`, `--out=${at("out")}`, `--store=file://${at("store")}`], { ready: false });
      expect(await serve.stop(signal)).toBe(0);
      const leases = await readdir(at("store/clusters/default/lease")).catch(() => []);
      expect(leases.length).toBeLessThanOrEqual(1);
    }
  });

  it("before anything has begun ends it with 0, and nothing begins", async () => {
    const { child, say } = await waiting();
    child.kill(signal);
    await say([{ name: "files", connect: { type: "directory", manifests: at("m"), out: at("out") } }]);
    expect(await once(child, "exit")).toEqual([0, null]);
    expect((await readdir(directory.path)).toSorted()).toEqual(["clusters.json", "m"]);
  });

  it("ends a start that waits for an API server with 0", async () => {
    const server = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const kubeconfig = {
      apiVersion: "v1", kind: "Config", "current-context": "c",
      clusters: [{ name: "c", cluster: { server: `https://127.0.0.1:${port}` } }],
      users: [{ name: "u", user: { token: "t" } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    };
    await writeFile(at("kubeconfig"), JSON.stringify(kubeconfig));
    const asked = once(server, "connection");
    const serve = await startServe([`--kubeconfig=${at("kubeconfig")}`, "--cds-url=http://192.0.2.1:1", `--store=file://${at("store")}`], { ready: false });
    await asked;
    expect(await serve.stop(signal)).toBe(0);
    server.close();
  });
});
