import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startRecord, stopRecord } from "../secrets/record.ts";
import { isSearched, isSearchedFile } from "../secrets/places.ts";
import { secretsIn } from "../secrets/secrets.ts";
import { sweep } from "../secrets/sweep.ts";

const KEY = readFileSync(join(import.meta.dirname, "../support/certificates/one.key"), "utf8");
const TOKEN = `st1.config.${"a".repeat(43)}`;
const JWT = `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.${"c".repeat(40)}`;
const base64 = (secret: string): string => Buffer.from(secret).toString("base64");

let root = "";
beforeAll(stopRecord);
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "stunner-sweep-"))));
afterEach(() => rmSync(root, { recursive: true }));
const write = (name: string, content: string): void => {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), content);
};

/** Exit code and output of the step of CI. */
function end(): [number | null, string] {
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, "../secrets/sweep.ts"), root], { encoding: "utf8" });
  return [status, stdout];
}

describe("secrets are found", () => {
  it.each<[string, string, string[]]>([
    ["as they are", "password: Planted-Password", ["what was planted"]],
    ...[0, 1, 2].map((shift) => [`in base64, at ${shift}`, base64(`${"x".repeat(shift)}Planted-Password`), ["what was planted"]] satisfies [string, string, string[]]),
    ["that are tokens", `?token=${TOKEN}&`, ["a token"]],
    ["that are service accounts'", `Bearer ${JWT}`, ["a service account's token"]],
    ["that are keys", KEY, ["a private key"]],
    ["that are keys in JSON", JSON.stringify(KEY), ["a private key"]],
    ["that are keys in base64", base64(KEY), ["a private key"]],
    ["that are a line of a key", KEY.split("\n")[1] ?? "", ["a private key"]],
  ])("%s", (_, said, kinds) => expect(secretsIn(said)).toEqual(kinds));

  it("but nothing is in what is none", () => {
    for (const one of ["planted secrets are in nothing", "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUO", "st1.<purpose>.<mac>", "BEGIN PRIVATE KEY"]) expect([one, secretsIn(one)]).toEqual([one, []]);
  });
});

describe("the sweep at the end of CI", () => {
  it("names file and line, and never the secret", () => {
    write("log/tests", `fine\na line with Planted-Password\n${KEY}`);
    write("record/1-1.said", '"cli.ts serve --event-token=Planted-Token"\nlistening\n');
    write("record/1-2.said", `"cli.ts diff"\n{"token":"${TOKEN}"}\n`);
    write("record/found.txt", "/tmp/x/clusters/one/report.json: a token\n");
    write("tests.json", '{"message":"planted-password"}');
    write("stryker-incremental.json", "planted-password");
    const { files, found } = sweep(root);
    expect(files).toBe(5);
    expect(found).toEqual(expect.arrayContaining([
      "log/tests: line 2: what was planted", "/tmp/x/clusters/one/report.json: a token", 'record/1-2.said: "cli.ts diff": line 1: a token', "tests.json: line 1: what was planted",
    ]));
    expect(found.filter((one) => !/^log\/tests: line \d+: a private key$/.test(one))).toHaveLength(4);
    expect(found.join("\n")).not.toMatch(/Planted-|planted-|st1\./);
  });

  it("fails where there is one, and where there is nothing to search", () => {
    expect(end()).toEqual([1, "0 files searched for secrets, 0 found\n"]);
    write("log/tests", "all is well\n");
    expect(end()).toEqual([1, "1 files searched for secrets, 0 found\n"]);
    write("record/1-1.said", '"cli.ts serve"\nlistening\n');
    expect(end()).toEqual([0, "2 files searched for secrets, 0 found\n"]);
    write("log/more", "Planted-Password\n");
    expect(end()).toEqual([1, "log/more: line 1: what was planted\n3 files searched for secrets, 1 found\n"]);
  });
});

describe("what suites do is recorded", () => {
  it("processes and their streams, without taking anything from who listens", async () => {
    const stop = startRecord(join(root, "record"));
    try {
      write("cli.ts", 'process.stdout.write("out Planted-A\\n"); process.stderr.write("err Planted-B\\n");');
      const child = spawn(process.execPath, [join(root, "cli.ts"), "serve"]);
      const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
      expect([out, err]).toEqual(["out Planted-A\n", "err Planted-B\n"]);
      const render = spawn(process.execPath, [join(root, "cli.ts"), "render"]);
      await Promise.all([text(render.stdout), text(render.stderr), once(render, "close")]);
      // Programs of others are none of ours.
      expect(execFileSync("echo", ["Planted-C"], { encoding: "utf8" })).toBe("Planted-C\n");
    } finally {
      stop();
    }
    const { files, found } = sweep(root);
    // What `render` prints on standard output is what it is for.
    expect([files, found.length]).toEqual([3, 3]);
  });

  it("temporary directories, before they are removed, but for what holds secrets by design", async () => {
    const files = { "a/store/clusters/one/report.json": "Planted-A", "a/store/clusters/one/configs/ns/gw.json": "Planted-B", "a/out/Deployment/ns/gw.yaml": "fine", "a/out/Secret/ns/gw.yaml": TOKEN, "a/m.yaml": "Planted-C", "b/serve.log": TOKEN };
    for (const [name, content] of Object.entries(files)) write(name, content);
    const stop = startRecord(join(root, "record"));
    try {
      await rm(join(root, "a"), { recursive: true, force: true });
      rmSync(join(root, "b"), { recursive: true });
    } finally {
      stop();
    }
    expect([existsSync(join(root, "a")), existsSync(join(root, "b"))]).toEqual([false, false]);
    expect(sweep(root).found).toEqual([`${root}/a/store/clusters/one/report.json: what was planted`, `${root}/b/serve.log: a token`]);
  });

  it("in the places that are ours", () => {
    for (const command of ["node /x/functions/local/cli.ts serve", "nginx -c /x", "/bin/sh /x/pull.sh", "node /m/@google-cloud/functions-framework/build/main.js"]) expect(isSearched(command, 1)).toBe(true);
    expect([isSearched("node /x/cli.ts token mint config", 1), isSearched("node /x/cli.ts token mint config", 2)]).toEqual([false, true]);
    expect(["/tmp/x/store/clusters/a/index.json", "/tmp/x/manifests/all.yaml", "/tmp/x/ConfigMap/media/gw-stunner-delivery.yaml"].map(isSearchedFile)).toEqual([true, false, false]);
  });
});
