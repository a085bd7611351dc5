import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { comparable } from "../golden/comparable.ts";
import { differencesBetween } from "../golden/differences.ts";
import { explanations, refusals, refusalsOfOurs } from "../golden/listed.ts";
import { loadScenarios } from "../golden/scenario.ts";
import { auditLine } from "./audit.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { reasonOfUntaken, withRecordedReason } from "./golden/class-default.ts";
import { play } from "./golden/play.ts";
import { grantRights, USER_PREFIX } from "./golden/rights.ts";
import { wipe } from "./golden/wipe.ts";
import type { Manifest } from "./resource.ts";

const scenarios = loadScenarios();

describe("golden recordings on a real API server", () => {
  let cluster: Cluster;
  let kubeconfigOf: Awaited<ReturnType<typeof grantRights>>;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("1.0"), auditLog: true });
    kubeconfigOf = await grantRights(cluster);
    untaken = await reasonOfUntaken(cluster);
    mark = await cluster.audit().mark();
  });
  afterEach(() => wipe(cluster));
  afterAll(() => cluster.stop());
  let mark = 0;
  let untaken = "";
  let good = 0;

  it.each(scenarios)("$file: $about", async (scenario) => {
    const steps = await play(cluster, scenario, kubeconfigOf);
    const defects = steps.flatMap(({ outcome }, index) => {
      const expected = scenario.steps[index]?.expected ?? { configs: null, objects: {}, statuses: {} };
      return differencesBetween(comparable(expected), comparable({ ...outcome, statuses: withRecordedReason(outcome.statuses, untaken) }))
        .filter((difference) => explanations(scenario.file, index + 1, difference).length === 0)
        .map(({ text }) => `step ${index + 1}: ${text}`);
    });
    expect(defects).toEqual([]);
    const refused = steps.flatMap((step, index) => step.refused.map(({ object, reason }) => ({ step: index + 1, object, reason })));
    const listed = refusalsOfOurs(scenario.file);
    expect(refused).toEqual(listed.map(({ step, object, refused: field }) => ({ step, object, reason: expect.stringContaining(field) as string })));
    good += 1;
  });

  it.each(refusals.flatMap(({ avoided, ...entry }) => (avoided ? [{ ...entry, ...avoided }] : [])))(
    "$scenario, step $step: upstream's write, which $rule avoids, is refused: $refused",
    async ({ write, refused }) => {
      const { status, ...object } = write as unknown as Manifest;
      const answer =
        status === undefined
          ? cluster.create(object as Manifest, { dryRun: true })
          : cluster.create(object as Manifest).then(() => cluster.status({ ...(object as Manifest), status }));
      await expect(answer).rejects.toMatchObject({ code: "Invalid", message: expect.stringContaining(refused) as string });
    },
  );

  it("is played with the rights that infra/rbac gives: nothing is forbidden", async () => {
    const forbidden = (await cluster.audit().entries(mark)).filter(({ responseStatus }) => responseStatus?.code === 403);
    expect(forbidden.map(auditLine)).toEqual([]);
    expect((await cluster.audit().entries(mark)).some(({ user }) => user.username.startsWith(USER_PREFIX))).toBe(true);
  });

  afterAll(() => {
    process.stdout.write(`scenarios on a real API server ${good}/${scenarios.length}\n`);
  });
});
