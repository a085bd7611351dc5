import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../shared/resources/meta.ts";
import { clusterState } from "../../shared/state/cluster-state.ts";

function object(apiVersion: string, kind: string, name: string, namespace?: string, more: object = {}): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, ...more };
}

function gateway(namespace: string, name: string, gatewayClassName: string): KubeObject {
  return object("gateway.networking.k8s.io/v1", "Gateway", name, namespace, { spec: { gatewayClassName, listeners: [] } });
}

function slice(name: string, labels?: Record<string, string>): KubeObject {
  const metadata = { name, namespace: "ns", ...(labels ? { labels } : {}) };
  return { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata, addressType: "IPv4" };
}

function service(name: string, owner?: string): KubeObject {
  const annotations = owner === undefined ? {} : { annotations: { "stunner.l7mp.io/related-gateway-name": owner } };
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace: "ns", ...annotations } };
}

function names(objects: readonly KubeObject[]): string[] {
  return objects.map(({ metadata }) => metadata.name);
}

describe("clusterState", () => {
  test("sorts every kind into its map, whatever its version", () => {
    const kinds: [string, string, string, string][] = [
      ["gatewayClasses", "gateway.networking.k8s.io/v1", "GatewayClass", ""],
      ["gateways", "gateway.networking.k8s.io/v1", "Gateway", "ns"],
      ["gatewayConfigs", "stunner.l7mp.io/v1", "GatewayConfig", "ns"],
      ["dataplanes", "stunner.l7mp.io/v1", "Dataplane", ""],
      ["udpRoutes", "stunner.l7mp.io/v1", "UDPRoute", "ns"],
      ["officialUdpRoutes", "gateway.networking.k8s.io/v1alpha2", "UDPRoute", "ns"],
      ["staticServices", "stunner.l7mp.io/v1", "StaticService", "ns"],
      ["referenceGrants", "gateway.networking.k8s.io/v1beta1", "ReferenceGrant", "ns"],
      ["services", "v1", "Service", "ns"],
      ["endpointSlices", "discovery.k8s.io/v1", "EndpointSlice", "ns"],
      ["endpoints", "v1", "Endpoints", "ns"],
      ["secrets", "v1", "Secret", "ns"],
      ["nodes", "v1", "Node", ""],
      ["namespaces", "v1", "Namespace", ""],
      ["deployments", "apps/v1", "Deployment", "ns"],
      ["daemonSets", "apps/v1", "DaemonSet", "ns"],
      ["configMaps", "v1", "ConfigMap", "ns"],
    ];
    const objects = kinds.map(([, apiVersion, kind, ns]) => object(apiVersion, kind, "one", ns || undefined, { spec: {} }));
    const state = clusterState(objects) as unknown as Record<string, ReadonlyMap<string, KubeObject>>;
    for (const [index, [field, , , ns]] of kinds.entries()) {
      expect([...(state[field] ?? [])]).toEqual([[ns ? "ns/one" : "one", objects[index]]]);
    }
  });

  test("leaves out kinds that are not read", () => {
    const state = clusterState([object("v1", "Pod", "a", "b"), object("networking.istio.io/v1", "Gateway", "a", "b")]);
    expect(Object.values(state).every((map: ReadonlyMap<string, unknown>) => map.size === 0)).toBe(true);
  });

  test("ascends by the bytes of namespace/name, whatever the order of the input", () => {
    const keys = ["B/x", "a-b/x", "a/B", "a/a", "a/a-1", "a/a.1", "a/a0", "a0/a"];
    const objects = keys.map((key) => gateway(key.split("/")[0] ?? "", key.split("/")[1] ?? "", "c"));
    for (const input of [objects, [...objects].reverse()]) {
      const state = clusterState(input);
      expect([...state.gateways.keys()]).toEqual(keys);
      expect(state.gatewaysByClass.get("c")?.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(keys);
    }
  });

  test("of several objects with one key the last counts, in the maps and in the indexes", () => {
    const state = clusterState([gateway("a", "b", "old"), gateway("a", "b", "new")]);
    expect(state.gateways.get("a/b")?.spec.gatewayClassName).toBe("new");
    expect([...state.gatewaysByClass.keys()]).toEqual(["new"]);
  });

  test("indexes EndpointSlices by Service, Services by Gateway, ReferenceGrants by namespace", () => {
    const grant = object("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", "g", "ns", { spec: { from: [], to: [] } });
    const empty = object("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", "without-spec", "ns");
    const state = clusterState([
      slice("b", { "kubernetes.io/service-name": "svc" }),
      slice("a", { "kubernetes.io/service-name": "svc" }),
      slice("c", { "kubernetes.io/service-name": "other" }),
      slice("d"),
      service("owned", "ns/gw"),
      service("user"),
      grant,
      empty,
    ]);
    expect([...state.slicesByService].map(([key, slices]) => [key, names(slices)])).toEqual([["ns/svc", ["a", "b"]], ["ns/other", ["c"]]]);
    expect([...state.servicesByGateway].map(([key, services]) => [key, names(services)])).toEqual([["ns/gw", ["owned"]]]);
    expect([...state.grantsByNamespace].map(([key, grants]) => [key, names(grants)])).toEqual([["ns", ["g"]]]);
    expect([...state.referenceGrants.keys()]).toEqual(["ns/g"]);
  });

  test("takes 40,000 objects in well under a second", () => {
    const objects = Array.from({ length: 10_000 }, (_, i) => [
      gateway("ns", `gw-${i}`, "class"),
      object("stunner.l7mp.io/v1", "UDPRoute", `r-${i}`, "ns", { spec: { rules: [] } }),
      object("v1", "Service", `s-${i}`, "ns"),
      object("discovery.k8s.io/v1", "EndpointSlice", `s-${i}`, "ns"),
    ]).flat();
    clusterState(objects);
    const before = process.cpuUsage();
    expect(clusterState(objects).gateways.size).toBe(10_000);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(800);
  });
});
