import { describe, expect, it } from "vitest";
import { InvalidClusters, parseClusters } from "../../shared/settings/clusters.ts";

const directory = { type: "directory", manifests: "m", out: "o" };

/** The lines of the error that a list gives. */
function refused(list: unknown): string[] {
  try {
    parseClusters(typeof list === "string" ? list : JSON.stringify(list), "--clusters");
  } catch (error) {
    if (error instanceof InvalidClusters) return error.message.split("\n");
    throw error;
  }
  throw new Error("accepted");
}

describe("a list of clusters", () => {
  it("is read with everything that a cluster may say", () => {
    const full = {
      name: "edge_1",
      connect: { type: "token", server: "https://192.0.2.1:6443", ca: "PEM", tokenFile: "/run/token" },
      mode: "legacy", controllerName: "example.org/gw", endpointDiscovery: false, onInvalid: "teardown", referenceGrants: "enforce",
      certificates: "trust", drift: "report", labelFilter: ["a", "b"], cdsUrl: "http://192.0.2.2:80", eventToken: "t",
      delivery: "pull", deliveryObject: "ConfigMap", cdsCa: "PEM", proxyImage: "nginx:1", pullImage: "curl:1", sidecarPullPolicy: "Never",
      sidecarResources: { limits: { memory: "1Gi" } },
    };
    const two = [full, { name: "two", connect: { type: "kubeconfig", path: "/k", context: "c" } }, { name: "three", connect: directory }];
    expect(parseClusters(JSON.stringify(two), "--clusters")).toEqual(two);
  });

  it.each([
    ["no JSON", "is no JSON"],
    [[], "give a JSON list of clusters, at least one"],
    [{ name: "a" }, "give a JSON list of clusters, at least one"],
    [[{ connect: directory }], "cluster 1 of the list: name: is missing"],
    [[{ name: "a b", connect: directory }], "cluster 1 of the list: name: give letters, digits, - and _, at most 63"],
    [[{ name: "a" }], "cluster a: connect: its type is one of: kubeconfig, token, eks, gke, directory"],
    [[{ name: "a", connect: { type: "aks" } }], "cluster a: connect.type: its type is one of: kubeconfig, token, eks, gke, directory"],
    [[{ name: "a", connect: { type: "directory", manifests: "m", out: "" } }], "cluster a: connect.out: must not be empty"],
    [[{ name: "a", connect: { type: "token", server: "https://x" } }], "cluster a: connect: needs either token or tokenFile"],
    [[{ name: "a", connect: { type: "token", server: "https://x", token: "t", tokenFile: "f" } }], "cluster a: connect: needs either token or tokenFile"],
    [[{ name: "a", connect: { type: "token", server: "ftp://x", token: "t" } }], "cluster a: connect.server: give https://host[:port], without a user"],
    [[{ name: "a", connect: directory, mode: "x" }], "cluster a: mode: accepted: managed, legacy"],
    [[{ name: "a", connect: directory, endpointDiscovery: "true" }], "cluster a: endpointDiscovery: accepted: true, false"],
    [[{ name: "a", connect: directory, cdsUrl: "https://u@x" }], "cluster a: cdsUrl: give http://host:port, or with delivery proxy or pull https://host[:port][/path]"],
    [[{ name: "a", connect: directory, delivery: "push" }], "cluster a: delivery: accepted: direct, proxy, pull, configmap"],
    [[{ name: "a", connect: directory, sidecarResources: { limits: { memory: "much" } } }], "cluster a: sidecarResources.limits.memory: must be a quantity, such as 250m, 20M or 1Gi"],
    [[{ name: "a", connect: directory, dirft: "report" }], "cluster a: dirft: there is no such field"],
    [[{ name: "a", connect: directory }, { name: "a", connect: directory }], "cluster a: name: another cluster has it"],
  ])("%j is refused, with cluster and field", (list, expected) => {
    const lines = refused(list).map((line) => line.replace("--clusters: ", ""));
    expect(lines).toContain(expected);
  });

  it("is refused with every mistake at once, and without what it holds", () => {
    const token = "s3cret-token";
    const lines = refused([{ name: "a", connect: { type: "token", server: `https://u:${token}@x`, token }, drift: token }, { name: "b", connect: { ...directory, type: token } }]);
    expect(lines).toHaveLength(3);
    expect([...lines, ...refused(`[{"token": "${token}"`)].join("\n")).not.toContain(token);
  });
});
