import { describe, expect, it } from "vitest";
import type { RenderOptions } from "../../../shared/render/result.ts";
import {
  annotated,
  dataplane,
  gateway,
  gatewayClass,
  gatewayConfig,
  listener,
  ownedService,
  rendered,
  route,
  tlsListener,
  UDP,
  workload,
} from "./builders.ts";
import {
  acceptedMessage,
  addressesOf,
  classConditions,
  conditionOf,
  deletionKeys,
  gatewayConditions,
  listenerStatusOf,
  objectKeys,
  parentLines,
  statusOf,
} from "./reading.ts";

const bad = gatewayConfig({ userName: "alice" });
const live = [ownedService({}, [{ ip: "203.0.113.1" }]), workload("Deployment"), workload("DaemonSet")];
const teardown: Partial<RenderOptions> = { onInvalid: "teardown" };
const STATUS = {
  addresses: [{ type: "IPAddress", value: "203.0.113.1" }],
  conditions: [
    { type: "Theirs", status: "True", reason: "X", message: "" },
    { type: "Accepted", status: "True", reason: "Accepted", message: "", lastTransitionTime: "2024-01-01T00:00:00Z" },
  ],
  listeners: [],
  extra: 1,
};
const gw = gateway(
  [
    UDP,
    tlsListener("tls", 443, "TLS", []),
    listener("web", 80, "HTTP"),
    listener("kinds", 5, "UDP", { allowedRoutes: { kinds: [{ group: "stunner.l7mp.io", kind: "UDPRoute" }] } }),
  ],
  {},
  "media/gw",
  {},
  STATUS,
);

// spec/rendering.md 2.5, 5.8; improvements I10, I18, I22.
describe("a Gateway that cannot be rendered", () => {
  it.each(["hold", "teardown"] as const)("says so in its conditions under %s", (onInvalid) => {
    const result = rendered([gw, bad, route()], { onInvalid });
    const held = onInvalid === "hold" ? "; the last good dataplane keeps running" : "";
    const why = `GatewayConfig stunner-system/conf: static authentication needs password, which is not set${held}`;
    expect(gatewayConditions(result)).toEqual(["Theirs=True/X", "Accepted=False/Pending", "Programmed=False/Invalid"]);
    expect(acceptedMessage(result)).toBe(why);
    expect(
      conditionOf(statusOf(result, "Gateway", "media/gw")?.conditions, "Programmed").message,
    ).toBe(`controller stunner.l7mp.io/gateway-operator: ${why}`);
    expect(statusOf(result, "Gateway", "media/gw")).toHaveProperty("extra", 1);
    const both = [{ group: "gateway.networking.k8s.io", kind: "UDPRoute" }, { group: "stunner.l7mp.io", kind: "UDPRoute" }];
    expect(
      ["udp", "tls", "web", "kinds"].map((name) => listenerStatusOf(result, name).supportedKinds),
    ).toEqual([both, both, [], both.slice(1)]);
    expect(listenerStatusOf(result, "udp")).toEqual({
      name: "udp",
      supportedKinds: both,
      attachedRoutes: 0,
      conditions: [
        { type: "Accepted", status: "Unknown", reason: "Pending", message: why, observedGeneration: 7 },
        { type: "Conflicted", status: "False", reason: "NoConflicts", message: "no conflicts", observedGeneration: 7 },
        { type: "ResolvedRefs", status: "True", reason: "ResolvedRefs", message: "all references resolved", observedGeneration: 7 },
        { type: "Programmed", status: "False", reason: "Pending", message: why, observedGeneration: 7 },
      ],
    });
    // Q9, I18: the Gateway's own conditions tell, the route stays Accepted.
    expect(parentLines(result)).toEqual(["gw Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs"]);
    expect(result.configs.size).toBe(0);
    expect(objectKeys(result)).toEqual([]);
  });

  it("keeps everything running under hold", () => {
    const result = rendered([gw, bad, ...live]);
    expect(result.held).toEqual({
      configs: new Set(["media/gw"]),
      objects: new Set(["DaemonSet/media/gw", "Deployment/media/gw", "Service/media/gw"]),
    });
    expect([...result.held.objects]).toEqual(["DaemonSet/media/gw", "Deployment/media/gw", "Service/media/gw"]);
    expect(result.deletions).toEqual([]);
    expect(addressesOf(result)).toEqual(["IPAddress 203.0.113.1"]);
    const without = rendered([gateway(), bad]);
    expect(statusOf(without, "Gateway", "media/gw")).not.toHaveProperty("addresses");
  });

  it("loses Service and workloads under teardown, and its addresses", () => {
    const result = rendered([gw, bad, ...live], teardown);
    expect(result.held).toEqual({ configs: new Set(), objects: new Set() });
    expect(deletionKeys(result)).toEqual(["DaemonSet/media/gw", "Deployment/media/gw", "Service/media/gw"]);
    expect(statusOf(result, "Gateway", "media/gw")).not.toHaveProperty("addresses");
  });

  it("is held alone: the others of its class are rendered", () => {
    const own = gateway([UDP], { infrastructure: { parametersRef: { group: "stunner.l7mp.io", kind: "Dataplane", name: "none" } } });
    const result = rendered([own, gateway(undefined, {}, "media/other")]);
    expect(result.held.configs).toEqual(new Set(["media/gw"]));
    expect([...result.configs.keys()]).toEqual(["media/other"]);
    expect(objectKeys(result)).toEqual(["Deployment/media/other", "Service/media/other"]);
  });
});

// improvements I10: each thing that was deleted for by upstream holds the whole Gateway; edge case 4.
describe("hold and teardown after", () => {
  it.each([
    [
      "a GatewayConfig that is gone",
      gatewayClass({ parametersRef: { group: "stunner.l7mp.io", kind: "GatewayConfig", namespace: "stunner-system", name: "none" } }),
      "Accepted=False/InvalidParameters",
    ],
    ["a malformed class", gatewayClass({ parametersRef: undefined }), "Accepted=False/InvalidParameters"],
    ["a Dataplane that is gone", gatewayConfig({ userName: "a", password: "b", dataplane: "none" }), "Accepted=False/InvalidParameters"],
    ["a bad offload engine", dataplane({ offloadEngine: "XDPfoo" }), "Accepted=True/Accepted"],
    ["an auth Secret that is gone", gatewayConfig({ authRef: { name: "none" } }), "Accepted=True/Accepted"],
    ["a password that is gone", bad, "Accepted=True/Accepted"],
  ])("%s", (_, object, classCondition) => {
    const held = rendered([gateway(), object, ...live]);
    const torn = rendered([gateway(), object, ...live], teardown);
    for (const result of [held, torn]) {
      expect(classConditions(result)).toEqual([classCondition]);
      expect(gatewayConditions(result)).toEqual(["Accepted=False/Pending", "Programmed=False/Invalid"]);
      expect(result.configs.size).toBe(0);
      expect(result.problems).toHaveLength(1);
    }
    expect([held.held.configs.has("media/gw"), held.deletions.length]).toEqual([true, 0]);
    expect([torn.held.configs.has("media/gw"), torn.deletions.length]).toEqual([false, 3]);
  });
});

// spec/rendering.md edge cases 9, 10; improvements I11.
describe("legacy mode", () => {
  it("leaves the Service alone under teardown, as upstream does", () => {
    const result = rendered([gateway(), bad, ownedService()], { ...teardown, mode: "legacy" });
    expect(result.deletions).toEqual([]);
    expect(result.held.objects).toEqual(new Set(["Service/media/gw"]));
    expect(classConditions(result)).toEqual(["Accepted=False/InvalidParameters"]);
    expect(gatewayConditions(result)).toEqual(["Accepted=False/Pending", "Programmed=False/Invalid"]);
    expect(rendered([gateway(), bad], { ...teardown, mode: "legacy" }).held.objects).toEqual(new Set());
  });

  it("holds all of it under hold", () => {
    const result = rendered([gateway(), bad, ...live], { mode: "legacy" });
    expect(result.deletions).toEqual([]);
    expect(result.held.objects).toContain("Service/media/gw");
  });
});

it("a Gateway of another class is none of this", () => {
  const result = rendered([
    bad,
    gateway([UDP], { gatewayClassName: "foreign" }),
    gatewayClass({ controllerName: "example.com/x" }, "foreign"),
    annotated({}, [UDP], { gatewayClassName: "none" }),
  ]);
  expect(result.held.configs).toEqual(new Set());
});
