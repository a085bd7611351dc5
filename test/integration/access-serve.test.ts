import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseKeyRing } from "../../shared/access/key-ring.ts";
import { deriveToken } from "../../shared/access/token.ts";
import { gateway, PLATFORM } from "../support/manifests.ts";
import { directoryOf, eventually, run, startServe, type RunningServe } from "../support/running-serve.ts";

const PASSWORD = "pass-1";
let directory: Awaited<ReturnType<typeof directoryOf>>;
let keys: string;
let running: RunningServe | undefined;
const at = (...names: string[]): string => join(directory.path, ...names);

beforeEach(async () => {
  directory = await directoryOf({ "m/platform.yaml": PLATFORM, "m/one.yaml": gateway("one"), "m/two.yaml": gateway("two") });
  keys = at("keys");
  await run(["token", "rotate", `--token-keys=${keys}`]);
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await directory.remove();
});

function serve(...args: string[]): Promise<RunningServe> {
  const places = [`--manifests=${at("m")}`, `--out=${at("out")}`, `--store=file://${at("store")}`];
  return startServe([...places, `--token-keys=${keys}`, "--delivery=configmap", "--zap-log-level=debug", ...args]);
}

async function mint(...words: string[]): Promise<string> {
  const { stdout, stderr } = await run(["token", "mint", ...words, `--token-keys=${keys}`, `--store=file://${at("store")}`]);
  if (stdout === "") throw new Error(stderr);
  return stdout.trim();
}

async function status(path: string, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return (await fetch(`${running?.origin}${path}`, { headers })).status;
}

const ONE = "/api/v1/configs/media/one";

describe("serve with keys", () => {
  it("opens to each token what is its own, follows the key file, and logs no secret", async () => {
    running = await serve();
    const operator = await mint("operator");
    await eventually(async () => (await status(ONE, operator)) === 200);
    const [one, two, old] = [await mint("config", "media/one"), await mint("config", "media/two"), await mint("config", "media/one", "--uid=before")];
    expect(await Promise.all([status(ONE, one), status(`/c/default${ONE}`, one), status(ONE, two), status(ONE, old), status(ONE)])).toEqual([200, 200, 403, 403, 401]);
    expect(await Promise.all(["/api/v1/configs", "/metrics"].map((path) => status(path, one)))).toEqual([403, 403]);
    expect(await Promise.all(["/api/v1/configs", "/metrics"].map((path) => status(path, operator)))).toEqual([200, 200]);
    expect(await Promise.all(["/api/v1/configs", "/metrics", "/ice?service=turn", "/healthz", "/readyz"].map((path) => status(path)))).toEqual([401, 401, 401, 200, 200]);

    await run(["token", "rotate", `--token-keys=${keys}`]);
    await running.line(/two are valid now/);
    const after = await mint("config", "media/one");
    expect(after).not.toBe(one);
    expect(await Promise.all([status(ONE, one), status(ONE, after)])).toEqual([200, 200]);
    await run(["token", "rotate", "--finish", `--token-keys=${keys}`]);
    await running.line(/one is valid now/);
    expect(await Promise.all([status(ONE, one), status(ONE, after)])).toEqual([403, 200]);

    await writeFile(at("broken"), "c2hvcnQ=\n");
    await rename(at("broken"), keys);
    await running.line(/the keys stay as they were: key 1 has 5 bytes/);
    expect(await status(ONE, after)).toBe(200);

    const log = running.lines.join("\n");
    expect(log).toContain('"path":"/api/v1/configs/media/one"');
    for (const secret of [PASSWORD, "c2hvcnQ", ...[one, two, old, after, operator].map((token) => token.slice(11))]) expect(log).not.toContain(secret);
  });

  it("puts tokens that open a config where pods find them", async () => {
    running = await serve("--delivery=pull", "--cds-url=https://cds.example.com");
    const secrets = at("out", "Secret", "media");
    await eventually(async () => (await readdir(secrets).catch(() => [])).length >= 2);
    const texts = await Promise.all((await readdir(secrets)).map((name) => readFile(join(secrets, name), "utf8")));
    const given = texts.map((text) => Buffer.from((parse(text) as { data: Record<string, string> }).data["curl.conf"] ?? "", "base64").toString());
    const { current } = parseKeyRing(await readFile(keys, "utf8"));
    const index = JSON.parse(await readFile(at("store", "clusters", "default", "index.json"), "utf8")) as { configs: Record<string, { uid: string }> };
    const before = await mint("config", "media/one");
    for (const name of ["one", "two"]) {
      const uid = index.configs[`media/${name}`]?.uid ?? "?";
      const token = deriveToken(current, { purpose: "config", cluster: "default", namespace: "media", name, uid });
      expect(given).toContain(`header = "Authorization: Bearer ${token}"\n`);
      expect(await status(`/c/default/api/v1/configs/media/${name}`, token)).toBe(200);
    }

    await run(["token", "rotate", `--token-keys=${keys}`]);
    const after = await mint("config", "media/one");
    expect(after).not.toBe(before);
    await running.line(/two are valid now/);
    await eventually(async () => {
      const now = await Promise.all((await readdir(secrets)).map((name) => readFile(join(secrets, name), "utf8")));
      return now.some((text) => text.includes(Buffer.from(`header = "Authorization: Bearer ${after}"\n`).toString("base64")));
    });
  });
});

const refused = (...args: string[]) => run(["serve", `--manifests=${at("m")}`, "--config-discovery-address=127.0.0.1:0", ...args]);

describe("serve cannot start", () => {
  it.each([
    [["--token-keys=KEYS"], "cluster default: delivery: direct cannot send tokens, which are set: give proxy, pull or configmap, or do without tokens\n"],
    [["--token-keys=/does/not/exist"], "cluster default: delivery: direct"],
    [["--token-keys=/does/not/exist", "--delivery=configmap"], "--token-keys: it names no file, and as keys in base64 cannot be used: "],
    [["--tls-cert=/c"], '--tls-cert: "/c" is not accepted; give --tls-key as well\n'],
    [["--tls-cert=/c", "--tls-key=/k"], "cluster default: delivery: direct cannot be served with --tls-cert, since stunnerd knows no TLS: give proxy, pull or configmap\n"],
    [["--tls-cert=/c", "--tls-key=/k", "--delivery=configmap"], "--tls-cert=/c: no such file or directory\n"],
    [["--config-discovery-address=0.0.0.0:0"], "--config-discovery-address: "],
  ])("with %j", async (args, message) => {
    const { code, stdout, stderr } = await refused(...args.map((arg) => arg.replace("KEYS", keys)));
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.slice(0, message.length)).toBe(message);
  });

  it("where one of several clusters is direct, and names it", async () => {
    const clusters = ["a", "b"].map((name) => ({ name, connect: { type: "directory", manifests: at("m"), out: at(name) }, delivery: name === "a" ? "configmap" : "direct" }));
    const { code, stderr } = await run(["serve", `--clusters=${JSON.stringify(clusters)}`, `--token-keys=${keys}`]);
    expect([code, stderr.split(":")[0]]).toEqual([2, "cluster b"]);
  });
});

describe("serve away from loopback", () => {
  it("starts where keys are set", async () => {
    running = await serve("--config-discovery-address=0.0.0.0:0");
    running = { ...running, origin: running.origin.replace("0.0.0.0", "127.0.0.1") };
    expect(await Promise.all([status("/healthz"), status("/api/v1/configs")])).toEqual([200, 401]);
  });
});
