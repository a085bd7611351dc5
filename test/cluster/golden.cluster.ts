import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { comparable } from "../golden/comparable.ts";
import { differences } from "../golden/differences.ts";
import { loadScenarios } from "../golden/scenario.ts";
import { auditLine } from "./audit.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { play } from "./golden/play.ts";
import { grantRights, USER_PREFIX } from "./golden/rights.ts";
import { wipe } from "./golden/wipe.ts";

/** A difference that a rule of spec/improvements.md explains: a regular expression for the whole printed difference. */
interface Improvement {
  readonly scenario: string;
  readonly step: number | "*";
  readonly difference: string;
  readonly rule: string;
}

interface ListedRefusal {
  readonly scenario: string;
  readonly step: number;
  readonly object: string;
  readonly refused: string;
}

const read = <T>(file: string): T[] => JSON.parse(readFileSync(new URL(`../golden/${file}`, import.meta.url), "utf8")) as T[];
const improvements = read<Improvement>("improvements.json").map((entry) => ({ ...entry, pattern: new RegExp(`^(?:${entry.difference})$`) }));
const refusals = read<ListedRefusal>("refusals.json");
const scenarios = loadScenarios();

describe("golden recordings on a real API server", () => {
  let cluster: Cluster;
  let kubeconfigOf: Awaited<ReturnType<typeof grantRights>>;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("1.0"), auditLog: true });
    kubeconfigOf = await grantRights(cluster);
    mark = await cluster.audit().mark();
  });
  afterEach(() => wipe(cluster));
  afterAll(() => cluster.stop());
  let mark = 0;
  let good = 0;

  it.each(scenarios)("$file: $about", async (scenario) => {
    const steps = await play(cluster, scenario, kubeconfigOf);
    const defects = steps.flatMap(({ outcome }, index) => {
      const expected = scenario.steps[index]?.expected ?? { configs: null, objects: {}, statuses: {} };
      const rules = improvements.filter(({ scenario: of, step }) => (of === "*" || of === scenario.file) && (step === "*" || step === index + 1));
      return differences(comparable(expected), comparable(outcome))
        .filter((difference) => !rules.some(({ pattern }) => pattern.test(difference)))
        .map((difference) => `step ${index + 1}: ${difference}`);
    });
    expect(defects).toEqual([]);
    const refused = steps.flatMap((step, index) => step.refused.map(({ object, reason }) => ({ step: index + 1, object, reason })));
    const listed = refusals.filter((entry) => entry.scenario === scenario.file);
    expect(refused).toEqual(listed.map(({ step, object, refused: field }) => ({ step, object, reason: expect.stringContaining(field) as string })));
    good += 1;
  });

  it("is played with the rights that infra/rbac gives: nothing is forbidden", async () => {
    const forbidden = (await cluster.audit().entries(mark)).filter(({ responseStatus }) => responseStatus?.code === 403);
    expect(forbidden.map(auditLine)).toEqual([]);
    expect((await cluster.audit().entries(mark)).some(({ user }) => user.username.startsWith(USER_PREFIX))).toBe(true);
  });

  afterAll(() => {
    process.stdout.write(`scenarios on a real API server ${good}/${scenarios.length}\n`);
  });
});
