import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { childOf } from "../support/json.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { mounted, whichOf } from "./live-delivery.ts";
import { install, SMALL } from "./live-fixture.ts";
import { startLivePass } from "./live-pass.ts";
import { reference } from "./resource.ts";

const NAME = "gw-stunner-delivery";
const RBAC = "rbac.authorization.k8s.io";
/** Built-in roles by user. `view` and `edit` themselves are put together of these by a controller manager, which is not here. */
const ROLES = { nobody: [], viewer: ["view"], editor: ["view", "edit"] } as const;

// Who can read a configuration that a delivery of configmap keeps in the cluster, by the rights of the API server alone.
describe("delivery configmap", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "newest" });
    await install(cluster, SMALL);
    for (const [user, roles] of Object.entries(ROLES)) {
      for (const role of roles) {
        await cluster.apply({
          ...reference(`${RBAC}/v1`, "RoleBinding", `${user}-${role}`, "media"),
          roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: `system:aggregate-to-${role}` },
          subjects: [{ kind: "User", apiGroup: RBAC, name: user }],
        });
      }
    }
  });
  afterAll(() => cluster.stop());

  async function made(object: "Secret" | "ConfigMap"): Promise<string> {
    const delivery = mounted(object);
    const live = startLivePass(cluster.kubeconfig, { ...whichOf(delivery), render: { delivery } });
    await live.pass();
    live.close();
    const config = childOf(await cluster.read(reference("v1", object, NAME, "media")), "data")["stunnerd.conf"];
    return object === "Secret" ? Buffer.from(String(config), "base64").toString() : String(config);
  }
  const status = async (user: string, resource: string): Promise<number> => (await (await cluster.as({ user })).request("GET", `/api/v1/namespaces/media/${resource}/${NAME}`)).status;
  const answers = (resource: string): Promise<number[]> => Promise.all(Object.keys(ROLES).map((user) => status(user, resource)));

  test("is kept from who may view the namespace where it is a Secret", async () => {
    expect(await made("Secret")).toContain("secret-of-alice");
    await expect.poll(() => answers("secrets")).toEqual([403, 403, 200]);
    expect(await cluster.get(reference("v1", "ConfigMap", NAME, "media"))).toBeUndefined();
  });

  test("is read by who may view the namespace where it is a ConfigMap", async () => {
    expect(await made("ConfigMap")).toContain("secret-of-alice");
    await expect.poll(() => answers("configmaps")).toEqual([403, 200, 200]);
  });
});
