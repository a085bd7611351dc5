import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const MEASURE = new URL("../bench/measure.ts", import.meta.url).href;

/** A clock that stands still: no machine is slower than that of the budgets. */
const FAST = "performance.now = () => 0;";
/** The same work takes its time a thousand times over: every machine is slow enough. */
const SLOW = "const { now } = performance; performance.now = () => now.call(performance) * 1000;";

function bench(script: string, machine = FAST): { status: number | null; lines: string[] } {
  const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", `import { figure, twiceIfSlow } from "${MEASURE}";\n${machine}\n${script}`], { encoding: "utf8" });
  return { status, lines: stdout.trim().split("\n") };
}

describe("a benchmark", () => {
  it.each([
    ["within its budgets", `figure("a", 1, "ms", 1); figure("b", 2, "ms")`, 0],
    ["too slow", `figure("a", 1.1, "ms", 1)`, 1],
    ["of too much memory", `figure("a", 1.1, "KiB", 1)`, 1],
    ["that writes too often", `figure("a", 1, "writes", 0); figure("b", 2, "ms", 1)`, 2],
    ["that measures nothing", `figure("a", NaN, "ms", 1)`, 1],
  ])("%s", (_, script, status) => {
    expect(bench(script).status).toBe(status);
  });

  it.each([
    ["is fast enough", `[1]`, 0, ["a: 1.00 ms  (at most 1)"]],
    ["was slow once", `[2, 1]`, 0, ["a: 2.00 ms  OVER BUDGET, at most 1", "over budget: once more", "a: 1.00 ms  (at most 1)"]],
    ["is slow", `[2, 3, 1]`, 1, ["a: 2.00 ms  OVER BUDGET, at most 1", "over budget: once more", "a: 3.00 ms  OVER BUDGET, at most 1"]],
  ])("that may measure twice %s", (_, values, status, lines) => {
    expect(bench(`const values = ${values}; await twiceIfSlow(async () => figure("a", values.shift(), "ms", 1))`)).toEqual({ status, lines });
  });

  it("allows more time on a slower machine, up to three times as much, and nothing else", () => {
    expect(bench(`figure("a", 2.9, "ms", 1); figure("b", 2.9, "cores", 1)`, SLOW)).toEqual({
      status: 0,
      lines: ["a: 2.90 ms  (at most 1, and the machine is 3.00 times as slow)", "b: 2.90 cores  (at most 1, and the machine is 3.00 times as slow)"],
    });
    expect(bench(`figure("a", 3.1, "ms", 1)`, SLOW)).toEqual({ status: 1, lines: ["a: 3.10 ms  OVER BUDGET, at most 1, and the machine is 3.00 times as slow"] });
    expect(bench(`figure("a", 1.1, "KiB", 1)`, SLOW).status).toBe(1);
  });

  it("does not count twice to get another number, and forgets nothing that came before", () => {
    expect(bench(`const values = [2, 1]; await twiceIfSlow(async () => figure("a", values.shift(), "writes", 1))`).status).toBe(2);
    expect(bench(`figure("b", 2, "ms", 1); await twiceIfSlow(async () => figure("a", 1, "ms", 1))`).status).toBe(1);
  });
});

it("each is started by a script of package.json", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  const started = Object.values(scripts).join("\n") + /NAMES = \[.*\]/.exec(readFileSync("test/bench/run.ts", "utf8"))?.[0];
  const all = readdirSync("test/bench").filter((name) => name.endsWith(".ts") && /^import \{[^}]*\bfigure\b/m.test(readFileSync(`test/bench/${name}`, "utf8")));
  expect(all.length).toBeGreaterThan(6);
  expect(all.filter((name) => !started.includes(`"${name.slice(0, -3)}"`) && !started.includes(`test/bench/${name}`))).toEqual([]);
});
