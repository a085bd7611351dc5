import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCluster, type Cluster } from "./cluster.ts";
import { backend, dataplane, gateway, gatewayClass, gatewayConfig, install, listener, namespace, secret, tlsSecret, udpRoute } from "./live-fixture.ts";
import { OPERATOR, startLivePass, type LivePass } from "./live-pass.ts";
import type { Manifest } from "./resource.ts";

const COUNT = 512;
const name = (index: number): string => `gw-${String(index).padStart(3, "0")}`;

describe("512 Gateways, each with a route, a Service and a slice", () => {
  let cluster: Cluster;
  let live: LivePass;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "newest" });
    live = startLivePass(await cluster.kubeconfigFor(OPERATOR));
    await install(cluster, [namespace("media"), gatewayClass(), gatewayConfig(), secret(), tlsSecret(), dataplane()]);
    const selector = { allowedRoutes: { namespaces: { from: "Selector", selector: { matchLabels: { team: "media" } } } } };
    const all = Array.from({ length: COUNT }, (_, index): Manifest[] => [
      gateway(name(index), { listeners: [listener("udp", 3478, "TURN-UDP", index === 0 ? selector : {})] }),
      udpRoute(`route-${index}`, { parents: [name(index)], backends: [`server-${index}`] }),
      ...backend(`server-${index}`),
    ]).flat();
    for (let at = 0; at < all.length; at += 64) await Promise.all(all.slice(at, at + 64).map((one) => cluster.apply(one, { fieldManager: "user" })));
    await live.pass();
    await live.pass();
  }, 300_000);
  afterAll(async () => {
    live.close();
    await cluster.stop();
  });

  test("a pass without change asks little, writes nothing and is quick", async () => {
    const times: number[] = [];
    for (let i = 0; i < 3; i++) {
      live.accounting.reset();
      const began = performance.now();
      expect((await live.pass()).applied.changes).toEqual([]);
      times.push(performance.now() - began);
      const counts = live.accounting.counts();
      expect(counts.every(({ verb, failures }) => (verb === "get" || verb === "list") && failures === 0)).toBe(true);
      const byName = counts.filter(({ resource, verb }) => verb === "get" && (resource === "secrets" || resource === "namespaces"));
      const sum = (all: typeof counts): number => all.reduce((total, { calls }) => total + calls, 0);
      // The Secret with the users, the route's namespace, and kube-system.
      expect(sum(byName)).toBe(3);
      expect(sum(counts) - sum(byName)).toBeLessThanOrEqual(40);
    }
    expect(live.loaded().state.gateways.size).toBe(COUNT);
    // A bound for loaded machines; the figure itself is the benchmark's.
    expect(Math.min(...times)).toBeLessThan(6000);
  });
});
