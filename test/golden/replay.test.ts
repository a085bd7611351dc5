import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { comparable } from "./comparable.ts";
import { differences } from "./differences.ts";
import { replay } from "./replay.ts";
import { loadScenarios } from "./scenario.ts";

/** A difference that a rule of spec/improvements.md explains. */
interface Improvement {
  readonly scenario: string;
  readonly step: number | "*";
  /** Regular expression for the whole printed difference. */
  readonly difference: string;
  readonly rule: string;
}

/** A write of ours that a real API server refuses too. */
interface ListedRefusal {
  readonly scenario: string;
  readonly step: number;
  readonly object: string;
  readonly refused: string;
  readonly why: string;
}

const read = <T>(file: string): T[] => JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")) as T[];
const improvements = read<Improvement>("improvements.json").map((entry) => ({
  ...entry,
  pattern: new RegExp(`^(?:${entry.difference})$`),
}));
const refusals = read<ListedRefusal>("refusals.json");
const scenarios = loadScenarios();

describe("golden recordings", () => {
  const used = new Set<Improvement>();
  const good = { scenarios: 0, steps: 0, total: 0 };

  it.each(scenarios)("$file: $about", (scenario) => {
    const steps = replay(scenario);
    good.total += steps.length;
    const defects = steps.flatMap(({ outcome, refused, unsettled }, index) => {
      const step = index + 1;
      const expected = scenario.steps[index]?.expected ?? { configs: null, objects: {}, statuses: {} };
      const unexplained = differences(comparable(expected), comparable(outcome)).filter((difference) => {
        const rules = improvements.filter(
          (entry) =>
            (entry.scenario === "*" || entry.scenario === scenario.file) &&
            (entry.step === "*" || entry.step === step) &&
            entry.pattern.test(difference),
        );
        rules.forEach((rule) => used.add(rule));
        return rules.length !== 1;
      });
      const listed = refusals.filter((entry) => entry.scenario === scenario.file && entry.step === step);
      expect(refused, `writes refused in step ${step}`).toEqual(
        listed.map(({ object, refused: field, why }) => ({ object, refused: field, why })),
      );
      const found = [...unexplained, ...unsettled].map((text) => `step ${step}: ${text}`);
      if (found.length === 0) good.steps++;
      return found;
    });
    expect(defects).toEqual([]);
    good.scenarios++;
  });

  it("needs every entry of improvements.json and refusals.json", () => {
    expect(
      improvements.filter((entry) => !used.has(entry)).map(({ scenario, step, difference }) => `${scenario} ${step}: ${difference}`),
    ).toEqual([]);
    const known = new Set(scenarios.flatMap((scenario) => scenario.steps.map((_, index) => `${scenario.file} ${index + 1}`)));
    expect(refusals.filter((entry) => !known.has(`${entry.scenario} ${entry.step}`))).toEqual([]);
  });

  afterAll(() => {
    process.stdout.write(`scenarios ${good.scenarios}/${scenarios.length}, steps ${good.steps}/${good.total}\n`);
  });
});
