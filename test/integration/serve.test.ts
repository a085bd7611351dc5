import { once } from "node:events";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { parse } from "yaml";
import { gateway, PLATFORM, route } from "../support/manifests.ts";
import { directoryOf, eventually, run, startServe } from "../support/running-serve.ts";
import type { RunningServe } from "../support/running-serve.ts";

let directory: Awaited<ReturnType<typeof directoryOf>>;
const running: RunningServe[] = [];

beforeEach(async () => {
  directory = await directoryOf({ "m/platform.yaml": PLATFORM, "m/one.yaml": gateway("one") });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop("SIGKILL")));
  await directory.remove();
});

function at(...path: string[]): string {
  return join(directory.path, ...path);
}

async function serve(...args: string[]): Promise<RunningServe> {
  const own = [`--manifests=${at("m")}`, `--out=${at("out")}`, `--store=file://${at("store")}`, "--throttle-timeout=20ms"];
  const started = await startServe([...own, ...args]);
  running.push(started);
  return started;
}

interface Config {
  readonly admin: { readonly name: string };
  readonly listeners?: { readonly port: number; readonly public_address?: string; readonly routes?: string[] }[];
  readonly clusters?: { readonly endpoints?: string[] }[];
}

async function configOf({ origin }: RunningServe, id: string): Promise<Config | undefined> {
  const response = await fetch(`${origin}/api/v1/configs/${id}`);
  return response.ok ? ((await response.json()) as Config) : undefined;
}

/** Everything that a watch has been sent, and the next message after what has been seen. */
function watch({ origin }: RunningServe, id: string) {
  const socket = new WebSocket(`${origin.replace("http", "ws")}/api/v1/configs/${id}?watch=true`);
  const messages: Config[] = [];
  socket.on("message", (data) => messages.push(JSON.parse((data as Buffer).toString()) as Config));
  return { socket, messages, count: (number: number) => eventually(() => messages.length >= number) };
}

describe("serve", () => {
  it("serves a config, pushes its change and its deletion to a watch, and ends with 0 on SIGTERM", async () => {
    const started = await serve();
    expect(await configOf(started, "media/one")).toMatchObject({ admin: { name: "media/one" }, listeners: [{ port: 3478 }] });
    const { socket, messages, count } = watch(started, "media/one");
    await count(1);
    await writeFile(at("m", "one.yaml"), gateway("one", { port: 3479 }));
    await count(2);
    expect(messages[1]?.listeners?.[0]?.port).toBe(3479);
    await rm(at("m", "one.yaml"));
    await count(3);
    expect(messages[2]?.listeners).toBeUndefined();
    await eventually(async () => (await configOf(started, "media/one")) === undefined);
    const closed = once(socket, "close");
    const begun = performance.now();
    expect(await started.stop()).toBe(0);
    expect(performance.now() - begun).toBeLessThan(3000);
    expect(await closed).toMatchObject([1001, expect.anything()]);
    expect(started.lines.at(-1)).toContain("stopped");
  });

  it("writes what a cluster would be given, and takes the address that is put there", async () => {
    const started = await serve();
    const file = at("out", "Service", "media", "one.yaml");
    await eventually(() => readFile(file).then(() => true, () => false));
    const service = await readFile(file, "utf8");
    expect(parse(service)).toMatchObject({ kind: "Service", spec: { ports: [{ name: "udp", port: 3478, protocol: "UDP" }] } });
    await writeFile(file, `${service}status: { loadBalancer: { ingress: [{ ip: 192.0.2.7 }] } }\n`);
    await eventually(async () => (await configOf(started, "media/one"))?.listeners?.[0]?.public_address === "192.0.2.7");
    await eventually(async () => (await readFile(at("out", "Gateway", "media", "one.yaml"), "utf8")).includes("192.0.2.7"));
    expect(await readFile(file, "utf8")).toContain("192.0.2.7");
    expect(parse(await readFile(at("out", "Deployment", "media", "one.yaml"), "utf8"))).toMatchObject({ kind: "Deployment" });
  });

  it("keeps foreign labels, puts back what is ours, and removes everything of a Gateway that is gone", async () => {
    const started = await serve();
    const file = at("out", "Service", "media", "one.yaml");
    await eventually(() => readFile(file).then(() => true, () => false));
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("  labels:\n", "  labels:\n    team: video\n").replace("type: LoadBalancer", "type: NodePort"));
    await eventually(async () => (await readFile(file, "utf8")).includes("type: LoadBalancer"));
    expect(await readFile(file, "utf8")).toContain("team: video");
    await rm(at("m", "one.yaml"));
    for (const kind of ["Service", "Deployment", "Gateway"]) {
      await eventually(() => readFile(at("out", kind, "media", "one.yaml")).then(() => false, () => true));
    }
    expect(await configOf(started, "media/one")).toBeUndefined();
  });

  it("keeps the last good state while a file is broken, and the rest of the files count", async () => {
    const started = await serve();
    await writeFile(at("m", "one.yaml"), `${gateway("one", { port: 5000 })}  listeners: [ {\n`);
    await started.line(/one\.yaml:\d+/);
    await writeFile(at("m", "two.yaml"), gateway("two"));
    await eventually(async () => (await configOf(started, "media/two")) !== undefined);
    expect((await configOf(started, "media/one"))?.listeners?.[0]?.port).toBe(3478);
    await writeFile(at("m", "one.yaml"), gateway("one", { port: 5000 }));
    await eventually(async () => (await configOf(started, "media/one"))?.listeners?.[0]?.port === 5000);
    await started.line(/is no more/);
  });

  it("serves what was good after a restart with a broken file, until it is mended", async () => {
    await writeFile(at("m", "route.yaml"), route("app", "one", "192.0.2.1"));
    const first = await serve();
    expect((await configOf(first, "media/one"))?.clusters?.[0]?.endpoints).toEqual(["192.0.2.1"]);
    await first.stop();
    await writeFile(at("m", "route.yaml"), "kind: [\n");
    await writeFile(at("m", "two.yaml"), gateway("two"));
    const second = await serve();
    await eventually(async () => (await configOf(second, "media/two")) !== undefined);
    expect((await configOf(second, "media/one"))?.clusters?.[0]?.endpoints).toEqual(["192.0.2.1"]);
    await writeFile(at("m", "route.yaml"), route("app", "one", "192.0.2.2"));
    await eventually(async () => (await configOf(second, "media/one"))?.clusters?.[0]?.endpoints?.[0] === "192.0.2.2");
    await rm(at("m", "route.yaml"));
    await eventually(async () => (await configOf(second, "media/one"))?.clusters === undefined);
  });

  it("changes nothing while the directory is gone", async () => {
    const started = await serve();
    await rename(at("m"), at("elsewhere"));
    await started.line(/nothing is changed: Unreadable/);
    expect(await configOf(started, "media/one")).toBeDefined();
    expect((await fetch(`${started.origin}/readyz`)).status).toBe(200);
    await writeFile(at("elsewhere", "one.yaml"), gateway("one", { port: 3480 }));
    await rename(at("elsewhere"), at("m"));
    await eventually(async () => (await configOf(started, "media/one"))?.listeners?.[0]?.port === 3480);
    await started.line(/passes succeed again/);
  });

  it("stops a pass that would delete most Services, and says how to let it", async () => {
    for (const name of ["a", "b", "c", "d"]) await writeFile(at("m", `${name}.yaml`), gateway(name));
    const started = await serve();
    await rename(at("m"), at("full"));
    await mkdir(at("m"));
    await writeFile(at("m", "platform.yaml"), PLATFORM);
    await started.line(/stopped, nothing is changed: MassDelete/);
    expect(await configOf(started, "media/a")).toBeDefined();
    await started.stop();
    const second = await serve("--allow-mass-delete");
    await eventually(async () => (await configOf(second, "media/a")) === undefined);
    expect(await configOf(second, "media/one")).toBeUndefined();
  });

  it("follows folders that are made and files that are moved in", async () => {
    const started = await serve();
    await mkdir(at("m", "deep", "er"), { recursive: true });
    await writeFile(at("m", "deep", "er", "two.yaml"), gateway("two"));
    await eventually(async () => (await configOf(started, "media/two")) !== undefined);
    await rename(at("m", "deep", "er", "two.yaml"), at("m", "two.yaml"));
    await writeFile(at("m", "two.yaml"), gateway("two", { port: 4000 }));
    await eventually(async () => (await configOf(started, "media/two"))?.listeners?.[0]?.port === 4000);
    expect(await configOf(started, "media/one")).toBeDefined();
  });

  it("answers probes and metrics, refuses bodies and other methods", async () => {
    const { origin } = await serve();
    expect(await (await fetch(`${origin}/healthz`)).text()).toBe("ok\n");
    expect((await fetch(`${origin}/healthz`, { method: "HEAD" })).status).toBe(200);
    const metrics = await fetch(`${origin}/metrics?x`);
    expect(metrics.headers.get("content-type")).toContain("version=0.0.4");
    expect(await metrics.text()).toContain("\nstunner_serverless_configs 1\n");
    expect((await fetch(`${origin}/metrics`, { method: "DELETE" })).status).toBe(405);
    expect((await fetch(`${origin}/api/v1/configs`, { method: "POST", body: "x".repeat(100) })).status).toBe(413);
    expect((await fetch(`${origin}/api/v1/configs`, { headers: { "x-long": "x".repeat(20_000) } })).status).toBe(431);
    expect((await fetch(`${origin}/nothing`)).status).toBe(404);
  });

  it("is not ready while no pass has succeeded", async () => {
    await chmod(at("m"), 0o755);
    await writeFile(at("store"), "a file where a directory should be");
    const started = await startServe([`--manifests=${at("m")}`, `--out=${at("out")}`, `--store=file://${at("store")}`], { ready: false });
    running.push(started);
    await started.line(/pass failed/);
    const response = await fetch(`${started.origin}/readyz`);
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining("no pass has succeeded yet")]);
    await rm(at("store"));
    await eventually(async () => (await fetch(`${started.origin}/readyz`)).ok);
    expect(await configOf(started, "media/one")).toBeDefined();
  });

  it("renders in legacy mode", async () => {
    await serve("--dataplane-mode=legacy");
    const file = at("out", "ConfigMap", "stunner", "stunnerd-config.yaml");
    await eventually(() => readFile(file).then(() => true, () => false));
    const { data } = parse(await readFile(file, "utf8")) as { data: Record<string, string> };
    expect(JSON.parse(data["stunnerd.conf"] ?? "")).toMatchObject({ listeners: [{ name: "media/one/udp" }] });
  });

  it("removes the dataplane on stop with --enable-finalizer", async () => {
    const started = await serve("--enable-finalizer");
    await eventually(() => readFile(at("out", "Deployment", "media", "one.yaml")).then(() => true, () => false));
    expect(await started.stop("SIGINT")).toBe(0);
    await expect(readFile(at("out", "Deployment", "media", "one.yaml"))).rejects.toThrow(/ENOENT/);
    const status = parse(await readFile(at("out", "GatewayClass", "stunner.yaml"), "utf8")) as { status: { conditions: object[] } };
    expect(status.status.conditions[0]).toMatchObject({ type: "Accepted", status: "False", message: expect.stringContaining("--enable-finalizer") });
  });

  it("tells no secret in its log", async () => {
    await writeFile(at("m", "bad.yaml"), "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: 'hunter2'\n");
    const started = await serve("--zap-log-level=debug");
    await started.line(/bad\.yaml/);
    expect(started.lines.join("\n")).not.toMatch(/hunter2|pass-1/);
  });
});

describe("serve cannot start", () => {
  it("on a port in use: one line, exit code 2", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await run(["serve", `--manifests=${at("m")}`, `--config-discovery-address=127.0.0.1:${port}`]);
    taken.close();
    expect(code).toBe(2);
    expect(stderr).toBe(`--config-discovery-address=127.0.0.1:${port}: cannot listen there: the port is in use\n`);
  });

  it.each([
    [["--manifests=/does/not/exist"], /^--manifests=\/does\/not\/exist: no such file or directory\n$/],
    [["--manifests=/etc/hostname"], /^--manifests=\/etc\/hostname: not a directory\n$/],
    [["--dataplane-mode=x"], /^--dataplane-mode: "x" is not accepted; accepted: managed, legacy\n$/],
    [["--kubeconfig=/k"], /^with a kubeconfig, pods must be told .*--cds-url to http:\/\/host:port\n$/],
    [["--config-discovery-address=0.0.0.0:1"], /^--config-discovery-address: .*--insecure as well\n$/],
    [["--store=gs://bucket?region=x"], /^the store URL has a parameter that is not known: region; accepted is gs:.*\n$/],
    [["--store=ftp://bucket"], /^--store: "ftp:\/\/bucket" is not accepted; give memory:, file:\/\/\/absolute\/directory, s3:.* or gs:.*\n$/],
  ])("with %j", async (args, message) => {
    const { code, stderr, stdout } = await run(["serve", ...args]);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, ""]);
  });

  it("where the two directories are in one another", async () => {
    for (const out of ["m", "m/out", "."]) {
      const { code, stderr } = await run(["serve", `--manifests=${at("m")}`, `--out=${at(out)}`]);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^--out=.*must be neither in the directory of --manifests nor around it\n$/)]);
    }
  });

  it("with KUBECONFIG and no manifests; with both the manifests count", async () => {
    const { code, stderr } = await run(["serve"], { env: { KUBECONFIG: "/k" } });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^with a kubeconfig, .*--cds-url.*\n$/)]);
    const started = await startServe([`--manifests=${at("m")}`, `--out=${at("out")}`], { env: { KUBECONFIG: "/k" } });
    running.push(started);
    expect(await configOf(started, "media/one")).toBeDefined();
  });
});
