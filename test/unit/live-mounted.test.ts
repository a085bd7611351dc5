import { describe, expect, test } from "vitest";
import { clusterState } from "../../shared/state/cluster-state.ts";
import { findMounted } from "../../shared/state/live/mounted.ts";
import { gateway, gatewayClass, workload } from "./render/builders.ts";

const CONTROLLER = "stunner.l7mp.io/gateway-operator";
const managed = { controllerName: CONTROLLER, mode: "managed" } as const;
const state = clusterState([gatewayClass(), gateway()]);
const NAME = "media/gw-stunner-delivery";

/** What may be there, sorted. */
function mounted(...[of, options]: Parameters<typeof findMounted>): { configMaps: string[]; secrets: string[] } {
  const { configMaps, secrets } = findMounted(of, options);
  return { configMaps: [...configMaps].toSorted(), secrets: [...secrets].toSorted() };
}

describe("objects that pods of ours may mount", () => {
  test.each([
    ["direct", "Secret", { configMaps: [], secrets: [] }],
    ["configmap", "Secret", { configMaps: [], secrets: [NAME] }],
    ["configmap", "ConfigMap", { configMaps: [NAME], secrets: [] }],
    ["proxy", "Secret", { configMaps: [NAME], secrets: [NAME] }],
  ] as const)("are with delivery %s and %s named after the Gateways", (delivery, deliveryObject, expected) => {
    expect(mounted(state, { ...managed, delivery, deliveryObject })).toEqual(expected);
  });

  test("are none for Gateways of others, and none in legacy mode", () => {
    const none = { configMaps: [], secrets: [] };
    expect(mounted(state, { ...managed, controllerName: "example.com/x", delivery: "proxy" })).toEqual(none);
    expect(mounted(state, { ...managed, mode: "legacy", delivery: "proxy" })).toEqual(none);
  });

  test.each(["Deployment", "DaemonSet"] as const)("are those that a %s mounts by our name, also after the delivery has changed", (kind) => {
    const volumes = [
      { name: "a", configMap: { name: "gw-stunner-delivery" } },
      { name: "b", secret: { secretName: "gw-stunner-delivery" } },
      { name: "c", configMap: { name: "extra" } },
      { name: "d", secret: { secretName: "edge-stunner-delivery" } },
    ];
    const mounting = { ...workload(kind, "media/gw"), spec: { template: { spec: { volumes } } } };
    expect(mounted(clusterState([mounting]), managed)).toEqual({ configMaps: [NAME], secrets: [NAME] });
    const { spec: _spec, ...empty } = mounting;
    expect(mounted(clusterState([empty]), managed)).toEqual({ configMaps: [], secrets: [] });
  });

  test("are both kinds where nothing is to be left, also of a class that is gone, and never of another controller's", () => {
    const both = { configMaps: [NAME], secrets: [NAME] };
    for (const mode of ["managed", "legacy"] as const) {
      expect(mounted(state, { ...managed, mode, everything: true })).toEqual(both);
      expect(mounted(clusterState([gateway()]), { ...managed, mode, everything: true })).toEqual(both);
      expect(mounted(state, { ...managed, mode, everything: true, controllerName: "example.com/x" })).toEqual({ configMaps: [], secrets: [] });
    }
  });

  test("are those that were there before", () => {
    const knownObjects = ["Secret/media/old", "ConfigMap/media/older", "Service/media/gw"];
    expect(mounted(clusterState([]), { ...managed, knownObjects })).toEqual({ configMaps: ["media/older"], secrets: ["media/old"] });
  });
});
