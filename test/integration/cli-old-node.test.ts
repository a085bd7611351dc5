import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LEAST_NODE, tooOldNode } from "../../functions/local/node-version.ts";

/** This machine's own Nodes that are older than the program needs, apart from the one that `npm ci` brings. */
const old = nodes().filter(({ version, path }) => tooOldNode(version, path) !== undefined);
// None need be there: then the other tests show that nothing is loaded before the check, and what this says.
if (old.length === 0) process.stdout.write(`no Node older than ${LEAST_NODE} on this machine: the program was not started with one\n`);

function nodes(): { path: string; version: string }[] {
  const directories = [...(process.env["PATH"] ?? "").split(":"), "/usr/bin", "/usr/local/bin"].filter((one) => one !== "" && !one.includes("node_modules"));
  const paths = new Set(directories.flatMap((directory) => {
    try {
      return [realpathSync(join(directory, "node"))];
    } catch {
      return [];
    }
  }));
  return [...paths].map((path) => ({ path, version: execFileSync(path, ["--version"], { encoding: "utf8" }).trim().slice(1) }));
}

describe("a Node that is too old", () => {
  let out = "";
  beforeAll(() => {
    out = mkdtempSync(join(tmpdir(), "stunner-old-node-"));
    execFileSync(process.execPath, ["build.mjs", "--quiet", "--only=cli", `--out=${out}`], { stdio: "inherit" });
  });
  afterAll(() => rmSync(out, { recursive: true }));

  it.each(old)("is told in one line: $version", ({ path, version }) => {
    for (const words of [["--version"], ["render", "-f", "infra/examples"], ["serve"]]) {
      const { status, stdout, stderr } = spawnSync(path, [join(out, "cli.js"), ...words], { encoding: "utf8", timeout: 20_000 });
      expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: "", stderr: `stunner-serverless needs Node 22.19 or newer, and this is Node ${version} (${path})\n` });
    }
  });

  it("can load what comes before the check: that asks for nothing which only a newer one has", () => {
    const loaded = new Set<string>();
    const modules = new Set<string>();
    const load = (file: string): void => {
      if (loaded.has(file)) return;
      loaded.add(file);
      const text = readFileSync(join(out, file), "utf8");
      for (const [, name = ""] of text.matchAll(/(?:\bfrom|\bimport) ?["']([^"']+)["']/g)) {
        if (name.startsWith("./")) load(name);
        else modules.add(name);
      }
    };
    load("cli.js");
    expect([...modules]).toEqual(["node:module"]);
    const bytes = [...loaded].reduce((sum, file) => sum + readFileSync(join(out, file)).length, 0);
    expect(bytes).toBeLessThan(5000);
  });

  it.each(["18.20.0", "20.20.2", "22.0.0", "22.18.0", "9.0.0"])("is %s", (version) => {
    expect(tooOldNode(version, "/usr/bin/node")).toBe(`stunner-serverless needs Node 22.19 or newer, and this is Node ${version} (/usr/bin/node)`);
  });

  it.each(["22.19.0", "22.20.1", "23.0.0", "24.9.0", "100.0.0"])("is not %s", (version) => {
    expect(tooOldNode(version, "/usr/bin/node")).toBeUndefined();
  });

  it("is the same in package.json and in the README", () => {
    const { engines } = JSON.parse(readFileSync("package.json", "utf8")) as { engines: { node: string } };
    expect(engines.node).toBe(`>=${LEAST_NODE}`);
    expect(readFileSync("README.md", "utf8")).toContain(`Node ${LEAST_NODE} or newer`);
  });
});
