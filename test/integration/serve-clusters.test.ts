import { once } from "node:events";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { gateway, PLATFORM } from "../support/manifests.ts";
import { directoryOf, eventually, run, startServe } from "../support/running-serve.ts";
import type { RunningServe } from "../support/running-serve.ts";

let directory: Awaited<ReturnType<typeof directoryOf>>;
const running: RunningServe[] = [];

beforeEach(async () => {
  directory = await directoryOf({
    "a/platform.yaml": PLATFORM, "a/one.yaml": gateway("one", { port: 3001 }),
    "b/platform.yaml": PLATFORM, "b/one.yaml": gateway("one", { port: 3002 }),
  });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop("SIGKILL")));
  await directory.remove();
});

const at = (...path: string[]): string => join(directory.path, ...path);
const cluster = (name: string, more: object = {}): object => ({ name, connect: { type: "directory", manifests: at(name), out: at(`out-${name}`) }, ...more });

async function serve(clusters: readonly object[], ...args: string[]): Promise<RunningServe> {
  const started = await startServe([`--clusters=${JSON.stringify(clusters)}`, `--store=file://${at("store")}`, "--throttle-timeout=20ms", ...args], { ready: false });
  running.push(started);
  return started;
}

async function portOf({ origin }: RunningServe, path: string): Promise<number | undefined> {
  const response = await fetch(`${origin}${path}/api/v1/configs/media/one`);
  if (!response.ok) return undefined;
  return ((await response.json()) as { listeners: { port: number }[] }).listeners[0]?.port;
}

async function ready({ origin }: RunningServe): Promise<[number, string]> {
  const response = await fetch(`${origin}/readyz`);
  return [response.status, await response.text()];
}

describe("serve with several clusters", () => {
  it("keeps them apart: each under its name, the first without it too, over HTTP and WebSocket", async () => {
    const started = await serve([cluster("a"), cluster("b", { mode: "managed" })]);
    await eventually(async () => (await ready(started))[0] === 200);
    expect(await Promise.all(["", "/c/a", "/c/b"].map((path) => portOf(started, path)))).toEqual([3001, 3001, 3002]);
    expect((await fetch(`${started.origin}/c/other/api/v1/configs`)).status).toBe(404);

    const socket = new WebSocket(`${started.origin.replace("http", "ws")}/c/b/api/v1/configs/media/one?watch=true`);
    const ports: unknown[] = [];
    socket.on("message", (data) => ports.push((JSON.parse((data as Buffer).toString()) as { listeners: { port: number }[] }).listeners[0]?.port));
    await eventually(() => ports.length === 1);
    await writeFile(at("a", "one.yaml"), gateway("one", { port: 4001 }));
    await eventually(async () => (await portOf(started, "")) === 4001);
    await writeFile(at("b", "one.yaml"), gateway("one", { port: 4002 }));
    await eventually(() => ports.length === 2);
    expect(ports).toEqual([3002, 4002]);
    const closed = once(socket, "close");
    expect(await started.stop()).toBe(0);
    expect(await closed).toMatchObject([1001, expect.anything()]);
  });

  it("has settings of its own for each", async () => {
    const started = await serve([cluster("a"), cluster("b", { controllerName: "example.org/none" })]);
    await eventually(async () => (await ready(started))[0] === 200);
    expect([await portOf(started, "/c/a"), await portOf(started, "/c/b")]).toEqual([3001, undefined]);
  });

  it("tells them apart in metrics", async () => {
    const started = await serve([cluster("a"), cluster("b")]);
    await eventually(async () => (await ready(started))[0] === 200);
    const text = await (await fetch(`${started.origin}/metrics`)).text();
    for (const name of ["a", "b"]) expect(text).toContain(`\nstunner_serverless_configs{cluster="${name}"} 1\n`);
    expect(text.match(/^# TYPE stunner_gateway_operator_render_total /gm)).toHaveLength(1);
    expect(text.match(/^process_start_time_seconds \d+$/gm)).toHaveLength(1);
  });

  it("serves the others while one cannot be opened, names it, and takes it in when it can", async () => {
    await rename(at("a"), at("away"));
    const started = await serve([cluster("a"), cluster("b")]);
    await started.line(/cluster a cannot be opened and is tried again: .*no such file or directory/);
    await eventually(async () => (await portOf(started, "/c/b")) === 3002);
    await eventually(async () => /^cluster a: .*no such file or directory\n$/.test((await ready(started))[1]));
    expect((await ready(started))[0]).toBe(503);
    await rename(at("away"), at("a"));
    await eventually(async () => (await ready(started))[0] === 200);
    expect(await portOf(started, "")).toBe(3001);
  });

  it("stops at once while one is still tried", async () => {
    const started = await serve([cluster("a"), cluster("gone")]);
    // Two tries: the process has long begun to listen for signals.
    await eventually(() => started.lines.filter((line) => line.includes("cluster gone cannot be opened")).length === 2);
    expect(await started.stop()).toBe(0);
    expect(started.lines.at(-1)).toContain("stopped");
  });

  it("has no place for events without a token, nor for those of directories", async () => {
    const started = await serve([cluster("a"), cluster("b")], "--event-token=t0ken-of-this-test");
    const response = await fetch(`${started.origin}/v1/clusters/a/events/t0ken-of-this-test`, { method: "POST", body: "{}" });
    expect(response.status).toBe(413);
    expect(started.lines.join("\n")).not.toContain("t0ken");
  });

  it("reads the list from a file", async () => {
    await writeFile(at("clusters.json"), JSON.stringify([cluster("a"), cluster("b")]));
    const started = await startServe([`--store=file://${at("store")}`], { env: { STUNNER_CLUSTERS: at("clusters.json"), KUBECONFIG: "/k" } });
    running.push(started);
    expect(await portOf(started, "/c/b")).toBe(3002);
  });
});

describe("serve with one cluster", () => {
  it("serves it under its name as well, and has metrics without a label", async () => {
    const started = await startServe([`--manifests=${at("a")}`, `--out=${at("out")}`, "--cluster=mine"]);
    running.push(started);
    expect(await Promise.all(["", "/c/mine"].map((path) => portOf(started, path)))).toEqual([3001, 3001]);
    expect(await (await fetch(`${started.origin}/metrics`)).text()).toContain("\nstunner_serverless_configs 1\n");
  });
});

describe("a list of clusters that cannot be used", () => {
  it.each([
    [["--clusters=[]"], /^--clusters: give a JSON list of clusters, at least one\n$/],
    [["--clusters=/does/not/exist"], /^--clusters=\/does\/not\/exist: no such file or directory\n$/],
    [['--clusters=[{"name":"x","connect":{"type":"directory"}}]'], /^--clusters: cluster x: connect\.manifests: /],
    [['--clusters=[{"name":"x","connect":{"type":"kubeconfig","path":"/k"}}]'], /^--clusters: cluster x: cdsUrl: pods must be told /],
    [['--clusters=[{"name":"x","connect":{"type":"directory","manifests":"m","out":"o"}}]', "--manifests=m"], /^--clusters: cannot be given together with --manifests/],
  ])("%j ends with 2 and says why", async (args, message) => {
    const { code, stdout, stderr } = await run(["serve", ...args]);
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringMatching(message)]);
  });
});
