import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const json = (path: string): Record<string, never> => JSON.parse(readFileSync(join(root, path), "utf8")) as Record<string, never>;
const FRAMEWORK = "@google-cloud/functions-framework";

describe("what Google's builder installs", () => {
  const { dependencies, main, type } = json("build/gcp/package.json") as unknown as { dependencies: Record<string, string>; main: string; type: string };
  const { packages } = json("build/gcp/package-lock.json") as unknown as { packages: Record<string, { version?: string; integrity?: string; dependencies?: object }> };

  it("is the framework that is tested here, and nothing else", () => {
    expect({ dependencies, main, type }).toEqual({ dependencies: { [FRAMEWORK]: json(`node_modules/${FRAMEWORK}/package.json`)["version"] }, main: "index.mjs", type: "module" });
  });

  it("is locked, each package by its digest", () => {
    const { "": own, ...locked } = packages;
    expect(own?.dependencies).toEqual(dependencies);
    expect(locked[`node_modules/${FRAMEWORK}`]?.version).toBe(dependencies[FRAMEWORK]);
    expect(Object.entries(locked).filter(([, { integrity }]) => !integrity?.startsWith("sha512-"))).toEqual([]);
  });
});
