import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../shared/resources/meta.ts";
import { clusterState } from "../../shared/state/cluster-state.ts";
import { cheapestReads, cheapestSliceLists } from "../../shared/state/live/cheapest.ts";
import { findReferences } from "../../shared/state/live/references.ts";
import { gateway, gatewayClass } from "./render/builders.ts";

const OPTIONS = { controllerName: "stunner.l7mp.io/gateway-operator", mode: "managed" } as const;
const OFFICIAL = "gateway.networking.k8s.io";

/** A route as it is before any default is filled in. */
const route = (name: string, spec: object): KubeObject => ({ apiVersion: "stunner.l7mp.io/v1", kind: "UDPRoute", metadata: { name, namespace: "media" }, spec });
const to = (...backendRefs: object[]): object => ({ rules: [{ backendRefs }] });

function referred(...routes: KubeObject[]): { backends: string[]; staticServices: string[] } {
  const { backends, staticServices } = findReferences(clusterState([gatewayClass(), gateway(), ...routes]), OPTIONS);
  return { backends: [...backends].toSorted(), staticServices: [...staticServices].toSorted() };
}

describe("what routes refer to", () => {
  test("is a Service unless it says otherwise, and lies beside the route unless it says otherwise", () => {
    const refs = [{ name: "sfu" }, { name: "echo", namespace: "other", kind: "Service" }, { name: "office", kind: "StaticService" }];
    const found = referred(route("one", { parentRefs: [{ name: "gw" }], ...to(...refs) }));
    expect(found).toEqual({ backends: ["media/sfu", "other/echo"], staticServices: ["media/office"] });
  });

  test.each([
    ["no parent", {}],
    ["a parent that is not there", { parentRefs: [{ name: "gone" }] }],
    ["a parent of another group", { parentRefs: [{ name: "gw", group: "example.com" }] }],
    ["a parent of another kind", { parentRefs: [{ name: "gw", group: OFFICIAL, kind: "Service" }] }],
  ])("does not count where the route has %s", (_, spec) => {
    expect(referred(route("one", { ...spec, ...to({ name: "sfu" }) }))).toEqual({ backends: [], staticServices: [] });
  });

  test.each([{}, { rules: [] }, { rules: [{}] }])("may be nothing: %j", (spec) => {
    expect(referred(route("one", { parentRefs: [{ name: "gw", group: OFFICIAL, kind: "Gateway" }], ...spec }))).toEqual({ backends: [], staticServices: [] });
  });
});

const keys = (count: number, namespaces: number): string[] => Array.from({ length: count }, (_, index) => `ns-${index % namespaces}/n-${index}`);

describe("few requests", () => {
  test("are made by name, more by namespace, many at once", () => {
    expect(cheapestReads(keys(12, 12))).toEqual({ names: keys(12, 12) });
    expect(cheapestReads(keys(13, 2))).toEqual({ lists: [{ namespace: "ns-0" }, { namespace: "ns-1" }] });
    expect(cheapestReads(keys(13, 5))).toEqual({ lists: [{}] });
  });

  test("for slices are selected by Service, or are one for all", () => {
    expect(cheapestSliceLists(["b/y", "a/x", "b/x"])).toEqual([
      { namespace: "a", labelSelector: "kubernetes.io/service-name in (x)" },
      { namespace: "b", labelSelector: "kubernetes.io/service-name in (x,y)" },
    ]);
    expect(cheapestSliceLists(keys(13, 13))).toEqual([{}]);
  });
});
