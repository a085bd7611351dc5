import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isObject, listOf } from "../support/json.ts";
import type { GatewayApi } from "./binaries.ts";
import { startCluster, type Cluster } from "./cluster.ts";

const run = promisify(execFile);

const served: Record<GatewayApi, string[]> = {
  "1.0": ["v1/gateways", "v1/gatewayclasses", "v1alpha2/udproutes", "v1beta1/referencegrants"],
  newest: ["v1/gateways", "v1/gatewayclasses", "v1/udproutes", "v1/referencegrants", "v1beta1/referencegrants"],
  "newest-experimental": ["v1/gateways", "v1/gatewayclasses", "v1/udproutes", "v1alpha2/udproutes", "v1/referencegrants"],
};
const notServed: Record<GatewayApi, string[]> = {
  "1.0": ["v1/udproutes", "v1/referencegrants"],
  newest: ["v1alpha2/udproutes"],
  "newest-experimental": [],
};

describe.each(["1.0", "newest", "newest-experimental"] as const)("a cluster with Gateway API %s", (gatewayApi) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi });
  });
  afterAll(() => cluster.stop());

  test("serves the versions of Gateway API that this bundle has", async () => {
    expect(await statusOf(cluster, served[gatewayApi])).toEqual(served[gatewayApi].map(() => 200));
    expect(await statusOf(cluster, notServed[gatewayApi])).toEqual(notServed[gatewayApi].map(() => 404));
  });

  test("has every CRD established, with a structural schema and names that nobody else has", async () => {
    const crds = await cluster.list("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    const conditions = crds.map(({ metadata, status }) => [
      metadata.name,
      listOf(isObject(status) ? status : {}, "conditions").filter(isObject).map(({ type, status: is }) => `${type}=${is}`).sort().join(" "),
    ]);
    const names = ["gatewayclasses", "gateways", "referencegrants", "udproutes"].map((name) => `${name}.gateway.networking.k8s.io`);
    const own = ["dataplanes", "gatewayconfigs", "staticservices", "udproutes"].map((name) => `${name}.stunner.l7mp.io`);
    const approved = "Established=True KubernetesAPIApprovalPolicyConformant=True NamesAccepted=True";
    const expected = [...names.map((name) => [name, approved]), ...own.map((name) => [name, "Established=True NamesAccepted=True"])];
    expect(conditions.sort()).toEqual(expected.sort());
  });

  test("answers kubectl", async () => {
    const { stdout: version } = await run(cluster.kubectl, ["--kubeconfig", cluster.kubeconfig, "version", "-o", "json"]);
    const { clientVersion, serverVersion } = JSON.parse(version) as Record<string, { gitVersion: string }>;
    expect(clientVersion?.gitVersion).toMatch(/^v1\.\d+\.\d+$/);
    expect(serverVersion?.gitVersion).toBe(clientVersion?.gitVersion);
    const { stdout: crds } = await run(cluster.kubectl, ["--kubeconfig", cluster.kubeconfig, "get", "crd", "-o", "name"]);
    expect(crds.trim().split("\n")).toHaveLength(8);
  });
});

function statusOf(cluster: Cluster, paths: readonly string[]): Promise<number[]> {
  return Promise.all(paths.map(async (path) => (await cluster.request("GET", `/apis/gateway.networking.k8s.io/${path}`)).status));
}

const STARTER = `
import { startCluster } from ${JSON.stringify(new URL("cluster.ts", import.meta.url).href)};
const cluster = await startCluster({ gatewayApi: "1.0", crds: false });
process.stdout.write(JSON.stringify({ url: cluster.url, kubeconfig: cluster.kubeconfig }) + "\\n");
if (process.argv[2] === "stop") await cluster.stop();
else setInterval(() => undefined, 1000);
`;

describe("what is left of a cluster", () => {
  test.each(["stopped", "killed"])("is nothing when it was %s", async (end) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", STARTER, "-", end === "stopped" ? "stop" : "stay"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const { url, kubeconfig } = JSON.parse(line) as { url: string; kubeconfig: string };
    const directory = dirname(dirname(kubeconfig));
    if (end === "killed") child.kill("SIGKILL");
    await exited;
    const processes = (): Promise<boolean> => run("pgrep", ["-f", directory]).then(() => true, () => false);
    await expect.poll(async () => [existsSync(directory), await processes()], { timeout: 10_000 }).toEqual([false, false]);
    expect(directory).toMatch(/stunner-cluster-/);
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });
});
