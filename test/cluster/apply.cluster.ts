import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isWrite } from "./audit.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { install, RICH, SMALL } from "./live-fixture.ts";
import { changesOf, OPERATOR, startLivePass, type LivePass } from "./live-pass.ts";

describe.each(["1.0", "newest"] as const)("apply, with Gateway API %s", (gatewayApi) => {
  let cluster: Cluster;
  let live: LivePass;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi, auditLog: true });
  });
  beforeEach(async () => {
    await cluster.reset();
    live = startLivePass(await cluster.kubeconfigFor(OPERATOR));
    return () => live.close();
  });
  afterAll(() => cluster.stop());

  const writesOf = async (action: () => Promise<unknown>): Promise<string[]> => {
    const mark = await cluster.audit().mark();
    await action();
    const entries = (await cluster.audit().entries(mark)).filter(({ user }) => user.username === "stunner-serverless");
    return entries.filter(({ verb }) => !["get", "list"].includes(verb)).map((entry) => `${entry.verb} ${entry.objectRef?.resource} ${entry.responseStatus?.code} ${isWrite(entry)}`);
  };

  test.each([["small", SMALL], ["rich", RICH]] as const)("the first pass makes everything, the next ones write nothing: %s", async (_name, manifests) => {
    await install(cluster, manifests);
    const first = await live.pass();
    expect(changesOf(first)).toEqual([
      "created Deployment media/gw",
      "created Service media/gw",
      "updated status of Gateway media/gw",
      "updated status of GatewayClass turn",
      "updated status of UDPRoute media/route",
    ]);
    const writes = await writesOf(async () => {
      for (let i = 0; i < 3; i++) expect((await live.pass()).applied.changes).toEqual([]);
    });
    expect(writes).toEqual([]);
  });
});
