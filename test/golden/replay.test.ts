import { afterAll, describe, expect, it } from "vitest";
import { comparable } from "./comparable.ts";
import { differencesBetween } from "./differences.ts";
import { explanations, improvements, refusals, refusalsOfOurs, type Improvement } from "./listed.ts";
import { replay } from "./replay.ts";
import { loadScenarios } from "./scenario.ts";

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
      const unexplained = differencesBetween(comparable(expected), comparable(outcome)).filter((difference) => {
        const rules = explanations(scenario.file, step, difference);
        rules.forEach((rule) => used.add(rule));
        return rules.length !== 1;
      });
      const listed = refusalsOfOurs(scenario.file).filter((entry) => entry.step === step);
      expect(refused, `writes refused in step ${step}`).toEqual(
        listed.map(({ object, refused: field, why }) => ({ object, refused: field, why })),
      );
      const found = [...unexplained.map(({ text }) => text), ...unsettled].map((text) => `step ${step}: ${text}`);
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
    // What we avoid to write shows as a difference by the same rule.
    const avoided = refusals.flatMap(({ scenario, step, avoided: by }) => (by ? [{ scenario, step, rule: by.rule }] : []));
    for (const entry of avoided) expect(improvements).toContainEqual(expect.objectContaining(entry));
  });

  afterAll(() => {
    process.stdout.write(`scenarios ${good.scenarios}/${scenarios.length}, steps ${good.steps}/${good.total}\n`);
  });
});
