import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { reference } from "./resource.ts";

const run = promisify(execFile);

describe("access to the test cluster", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("1.0") });
  });
  afterAll(() => cluster.stop());

  const role = {
    ...reference("rbac.authorization.k8s.io/v1", "ClusterRole", "gateway-reader"),
    rules: [{ apiGroups: ["gateway.networking.k8s.io"], resources: ["gateways"], verbs: ["get", "list"] }],
  };
  const bindTo = async (subject: object): Promise<void> => {
    await cluster.apply(role);
    await cluster.apply({
      ...reference("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "gateway-reader"),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "gateway-reader" },
      subjects: [subject],
    });
  };
  const gateways = "/apis/gateway.networking.k8s.io/v1/gateways";

  test("is refused to a user without roles, and to one without credentials", async () => {
    const nobody = await cluster.as({ user: "nobody" });
    await expect(nobody.list("v1", "Service")).rejects.toMatchObject({ code: "Forbidden", status: 403 });
    await expect(nobody.create({ ...reference("v1", "ConfigMap", "x", "default") })).rejects.toMatchObject({ status: 403 });
    const stranger = await cluster.as({ token: "wrong" });
    expect((await stranger.request("GET", "/api/v1/services")).status).toBe(401);
  });

  test("is what roles grant, to the user of a certificate by its group", async () => {
    await bindTo({ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "team/a=b" });
    const user = await cluster.as({ user: "a/user+", groups: ["team/a=b"] });
    await expect.poll(async () => (await user.request("GET", gateways)).status).toBe(200);
    expect((await user.request("DELETE", gateways)).status).toBe(403);
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const review = await user.request("POST", path, { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" });
    expect(review.body).toMatchObject({ status: { userInfo: { username: "a/user+", groups: ["team/a=b", "system:authenticated"] } } });
  });

  test("is what roles grant, to a service account by its token, with kubectl too", async () => {
    await bindTo({ kind: "ServiceAccount", name: "control-plane", namespace: "default" });
    const token = await cluster.serviceAccountToken("default", "control-plane");
    const account = await cluster.as({ token });
    await expect.poll(async () => (await account.request("GET", gateways)).status).toBe(200);
    expect((await account.request("GET", "/api/v1/secrets")).status).toBe(403);
    const kubeconfig = await cluster.kubeconfigFor({ token });
    const ask = async (...args: string[]): Promise<string> => {
      const { stdout } = await run(cluster.kubectl, ["--kubeconfig", kubeconfig, ...args]);
      return stdout.trim();
    };
    expect(await ask("auth", "can-i", "list", "gateways.gateway.networking.k8s.io", "-A")).toBe("yes");
    await expect(ask("get", "secrets")).rejects.toThrow(/forbidden/i);
  });
});
