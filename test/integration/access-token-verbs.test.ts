import { createSecretKey } from "node:crypto";
import { readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseKeyRing } from "../../shared/access/key-ring.ts";
import { deriveToken } from "../../shared/access/token.ts";
import { directoryOf, run, type Ended } from "../support/running-serve.ts";

const KEY = Buffer.alloc(32, 5);
const INDEX = {
  generation: 1, renderedAt: 1, fence: 1,
  configs: { "media/gw": { digest: "a".repeat(64), size: 1, uid: "u-1" }, "media/gw2": { digest: "a".repeat(64), size: 1, uid: "u-2" } },
};
const TOKEN = deriveToken(createSecretKey(KEY), { purpose: "config", cluster: "prod", namespace: "media", name: "gw", uid: "u-1" });

let directory: Awaited<ReturnType<typeof directoryOf>>;
let keys: string;
let flags: string[];

beforeEach(async () => {
  directory = await directoryOf({ keys: `${KEY.toString("base64")}\n`, "store/clusters/prod/index.json": JSON.stringify(INDEX) });
  keys = join(directory.path, "keys");
  flags = [`--token-keys=${keys}`, "--cluster=prod", `--store=file://${directory.path}/store`];
});
afterEach(() => directory.remove());

const token = (...words: string[]): Promise<Ended> => run(["token", ...words]);
const verify = (text: string): Promise<Ended> => run(["token", "verify", ...flags], { input: `${text}\n` });

describe("token mint", () => {
  it("makes the token of a Gateway, its UID given or published", async () => {
    const done = { code: 0, stderr: "", stdout: `${TOKEN}\n` };
    expect(await token("mint", "config", "media/gw", ...flags)).toEqual(done);
    expect(await token("mint", "config", "media/gw", `--token-keys=${keys}`, "--cluster=prod", "--uid=u-1")).toEqual(done);
  });

  it("makes those of events and operators, with keys in the environment", async () => {
    const env = { STUNNER_TOKEN_KEYS: KEY.toString("base64url"), STUNNER_CLUSTER: "prod" };
    const derived = (scope: Parameters<typeof deriveToken>[1]): string => `${deriveToken(createSecretKey(KEY), scope)}\n`;
    expect((await run(["token", "mint", "events"], { env })).stdout).toBe(derived({ purpose: "events", cluster: "prod" }));
    expect((await run(["token", "mint", "operator"], { env })).stdout).toBe(derived({ purpose: "operator", cluster: "prod" }));
    expect((await run(["token", "mint", "operator", "--all-clusters"], { env })).stdout).toBe(derived({ purpose: "operator", cluster: "" }));
  });

  it.each([
    [["config"], /of one Gateway of one cluster: give NAMESPACE\/NAME/],
    [["config", "media"], /"media" is no Gateway/],
    [["config", "media/gw"], /the UID of the Gateway is needed: give --uid, or --store/],
    [["events", "media/gw"], /not of a Gateway/],
    [["admin"], /Allowed choices are config, events, operator/],
  ])("%j cannot be made", async (words, message) => {
    expect(await token("mint", ...words, `--token-keys=${keys}`)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(message) });
  });

  it("tells what is not published", async () => {
    expect(await token("mint", "config", "media/nothing", ...flags)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^nothing is published of Gateway media\/nothing of cluster prod in .*give --uid\n$/) });
  });

  it("repeats no key that cannot be used", async () => {
    for (const bad of ["aHVudGVyMg==", "/does/not/exist", "not a key!"]) {
      const { code, stderr, stdout } = await run(["token", "mint", "events"], { env: { STUNNER_TOKEN_KEYS: bad } });
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).not.toContain(bad);
    }
    await writeFile(keys, "c2hvcnQtc2VjcmV0\n");
    expect(await token("mint", "events", ...flags)).toEqual({ code: 2, stdout: "", stderr: "--token-keys: its file cannot be used: key 1 has 12 bytes: at least 32 random ones are needed\n" });
    expect(await run(["token", "mint", "events"])).toMatchObject({ code: 2, stderr: expect.stringContaining("give the file with the keys") });
  });
});

describe("token verify", () => {
  it("says what a token opens", async () => {
    expect(await verify(TOKEN)).toEqual({ code: 0, stderr: "", stdout: "opens the configuration of Gateway media/gw of cluster prod\n" });
    const file = join(directory.path, "token");
    await writeFile(file, deriveToken(createSecretKey(KEY), { purpose: "operator", cluster: "" }));
    expect((await token("verify", file, ...flags)).stdout).toBe("opens everything that operators may see of every cluster\n");
    const other = deriveToken(createSecretKey(KEY), { purpose: "config", cluster: "default", namespace: "a", name: "b", uid: "c" });
    expect((await run(["token", "verify", `--token-keys=${keys}`, "--gateway=a/b", "--uid=c"], { input: other })).stdout).toContain("opens the configuration of Gateway a/b of cluster default");
  });

  it.each([
    ["truncated", TOKEN.slice(0, -1), "this is no token: one is st1.<config|events|operator>.<43 characters>\n"],
    ["of a Gateway made anew", deriveToken(createSecretKey(KEY), { purpose: "config", cluster: "prod", namespace: "media", name: "gw", uid: "old" }), "states config and opens none of the 2 Gateways that are known of cluster prod: "],
    ["of another cluster", deriveToken(createSecretKey(KEY), { purpose: "events", cluster: "test" }), "states events and opens nothing of cluster prod: "],
  ])("says that one %s opens nothing", async (_what, text, told) => {
    const { code, stdout, stderr } = await verify(text);
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout.startsWith(told)).toBe(true);
    expect(stdout).not.toContain(text.slice(10));
  });
});

describe("token rotate", () => {
  it("keeps the old key until it is told to finish", async () => {
    const started = await token("rotate", `--token-keys=${keys}`);
    expect([started.code, started.stderr]).toEqual([0, ""]);
    expect(started.stdout).toContain("token rotate --token-keys=");
    const ring = parseKeyRing(await readFile(keys, "utf8"));
    expect(ring.previous?.export()).toEqual(KEY);
    expect((await verify(TOKEN)).stdout).toBe("opens the configuration of Gateway media/gw of cluster prod, until the rotation of keys is finished: it is of the previous one\n");
    expect(await token("rotate", `--token-keys=${keys}`)).toMatchObject({ code: 1, stderr: expect.stringContaining("--finish first") });

    expect(await token("rotate", "--finish", `--token-keys=${keys}`)).toMatchObject({ code: 0, stderr: "" });
    expect(parseKeyRing(await readFile(keys, "utf8")).previous).toBeUndefined();
    expect((await verify(TOKEN)).code).toBe(1);
    expect(await token("rotate", "--finish", `--token-keys=${keys}`)).toMatchObject({ code: 1, stderr: expect.stringContaining("only one key") });
    for (const { stdout } of [started]) expect(stdout).not.toContain(ring.current.export().toString("base64").slice(0, 12));
  });

  it("makes the first key, for its owner alone", async () => {
    const path = join(directory.path, "new.keys");
    expect(await token("rotate", `--token-keys=${path}`)).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("with one key") });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(parseKeyRing(await readFile(path, "utf8")).current.symmetricKeySize).toBe(32);
  });

  it("keeps a link and the permissions of what it leads to", async () => {
    const link = join(directory.path, "link");
    await symlink("keys", link);
    const before = (await stat(keys)).mode;
    await token("rotate", `--token-keys=${link}`);
    expect(parseKeyRing(await readFile(keys, "utf8")).previous?.export()).toEqual(KEY);
    expect((await stat(keys)).mode).toBe(before);
  });

  it("makes no file of keys in a variable", async () => {
    const inline = KEY.toString("base64");
    const { code, stdout, stderr } = await run(["token", "rotate"], { env: { STUNNER_TOKEN_KEYS: inline } });
    expect([code, stdout, stderr]).toEqual([2, "", "--token-keys: rotate writes a file: give the path of one, in a directory that exists\n"]);
  });
});
