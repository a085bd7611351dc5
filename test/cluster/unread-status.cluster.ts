import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isObject, listOf } from "../support/json.ts";
import { statusOf } from "../unit/kube-peer.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { startFaultProxy, type FaultProxy } from "./fault-proxy.ts";
import { gateway, gatewayClass, install, SMALL, udpRoute } from "./live-fixture.ts";
import { createControlPlane, type LiveControlPlane } from "./live-control-plane.ts";

describe("what cannot be read", () => {
  let cluster: Cluster;
  let proxy: FaultProxy;
  let plane: LiveControlPlane;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("newest") });
    proxy = await startFaultProxy(cluster);
  });
  beforeEach(async () => {
    await cluster.reset();
    await install(cluster, SMALL);
    plane = createControlPlane(await cluster.kubeconfigFor({ token: cluster.adminToken }, proxy.url));
    await plane.settle();
    return () => {
      proxy.spoil(() => undefined);
      plane.close();
    };
  });
  afterAll(async () => {
    await proxy.close();
    await cluster.stop();
  });

  const statuses = async (): Promise<unknown[]> =>
    Promise.all([gatewayClass(), gateway(), udpRoute()].map(async (one) => (await cluster.get(one))?.["status"]));

  test.each([
    ["/apis/stunner.l7mp.io/v1/gatewayconfigs?"],
    ["/apis/stunner.l7mp.io/v1/dataplanes?"],
    ["/apis/stunner.l7mp.io/v1/udproutes?"],
    ["/apis/gateway.networking.k8s.io/v1/gatewayclasses?"],
    ["/apis/gateway.networking.k8s.io/v1/gateways?"],
    ["/api/v1/namespaces/media/secrets/users"],
    ["/api/v1/namespaces/media/services/server"],
    ["/api/v1/services?"],
    ["/apis/discovery.k8s.io/v1/namespaces/media/endpointslices?"],
  ])("changes no status, which would say that it is not there, but for a word of its class: %s", async (part) => {
    const before = await statuses();
    proxy.spoil(({ path }) => (path.startsWith(part) ? { answer: 403, body: statusOf(403, "Forbidden") } : undefined));
    const report = await plane.pass();
    expect(report.problems.length).toBeGreaterThan(0);
    const after = await statuses();
    const changes = report.changes.map(({ operation, object }) => `${operation} ${object}`);
    const isTold = !part.includes("gatewayclasses");
    expect(changes).toEqual(isTold ? ["updated status of GatewayClass turn"] : []);
    expect(String(wordOf(after)).startsWith("could not be read, and what depends on it stays as it is: ")).toBe(isTold);
    expect(JSON.parse(JSON.stringify(after).replace(JSON.stringify(wordOf(after)), JSON.stringify(wordOf(before))))).toEqual(before);
    // Once, and afterwards all goes on.
    expect((await plane.pass()).changes).toEqual([]);
    proxy.spoil(() => undefined);
    await plane.settle();
    expect(await statuses()).toEqual(before);
    await cluster.apply(gateway("new"), { fieldManager: "user" });
    expect((await plane.settle()).problems).toEqual([]);
    expect(JSON.stringify(await cluster.get(gateway("new")))).toContain('"reason":"Accepted"');
  });
});

/** What the class among the statuses says of its acceptance. */
function wordOf([first]: readonly unknown[]): unknown {
  return listOf(isObject(first) ? first : {}, "conditions").filter(isObject).find(({ type }) => type === "Accepted")?.["message"];
}
