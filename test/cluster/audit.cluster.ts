import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { auditLine, isWrite } from "./audit.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { reference, type Manifest } from "./resource.ts";

const map = (name: string): Manifest => ({ ...reference("v1", "ConfigMap", name, "default"), data: {} });

describe("the audit log", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "1.0", auditLog: true });
  });
  afterAll(() => cluster.stop());

  test("has each request of each user, once", async () => {
    const user = await cluster.as({ user: "writer", groups: ["system:masters"] });
    await user.list("v1", "ConfigMap");
    const mark = await cluster.audit().mark();
    await user.apply(map("a"));
    await user.patch(map("a"), { data: { x: "1" } });
    await user.create(map("b"), { dryRun: true });
    await user.request("POST", "/api/v1/namespaces/default/configmaps", map("a"));
    await user.get(map("a"));
    await user.delete(map("a"));
    await cluster.list("v1", "ConfigMap");
    const entries = (await cluster.audit().entries(mark)).filter((entry) => entry.user.username === "writer");
    expect(entries.map(auditLine)).toEqual([
      "patch configmaps default/a 201 by writer",
      "patch configmaps default/a 200 by writer",
      "create configmaps default/b 201 by writer",
      "create configmaps default/a 409 by writer",
      "get configmaps default/a 200 by writer",
      "delete configmaps default/a 200 by writer",
    ]);
    expect(entries.filter(isWrite).map(({ verb }) => verb)).toEqual(["patch", "patch", "delete"]);
  });

  test("counts many writes at once, none missing", async () => {
    const mark = await cluster.audit().mark();
    await Promise.all(Array.from({ length: 300 }, (_, index) => cluster.apply(map(`many-${index}`))));
    const names = (await cluster.audit().entries(mark)).filter(isWrite).map(({ objectRef }) => objectRef?.name);
    expect(new Set(names).size).toBe(300);
    expect(names).toHaveLength(300);
  });

  test("is empty where nothing happens", async () => {
    const mark = await cluster.audit().mark();
    expect((await cluster.audit().entries(mark)).filter(isWrite)).toEqual([]);
  });

  test("is refused where the cluster has none", async () => {
    const silent = await startCluster({ gatewayApi: "1.0", crds: false });
    expect(() => silent.audit()).toThrow(/without auditLog/);
    await silent.stop();
  });
});
