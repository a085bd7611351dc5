import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../shared/resources/meta.ts";
import { gateway, rendered, route, service, slice, staticService, type Fields } from "./builders.ts";
import { clusterLines, configOf, conditionOf, listenersOf, parentLines, parentsOf, problemLines, refsMessage } from "./reading.ts";

const sfu = [service("media/sfu"), slice("media/sfu", ["10.1.0.1"])];
const headless = [service("media/headless", { clusterIP: "None" }), slice("media/headless", ["10.1.0.5"])];
const office = staticService("media/office", ["192.0.2.1"]);
const STATIC = { group: "stunner.l7mp.io", kind: "StaticService", name: "office" };
const SFU = { name: "sfu" };
const MISSING = { name: "missing" };
const NO_STATIC = { ...STATIC, name: "missing" };

const ACCEPTED = 'accepted: Service of group "", StaticService of group "stunner.l7mp.io"';

const outcome = (refs: Fields[], objects: KubeObject[], endpointDiscovery = true) => {
  const result = rendered([gateway(), route(refs), ...objects], { endpointDiscovery });
  return { cluster: clusterLines(result)[0], refs: parentLines(result)[0]?.split(" ").at(-1), message: refsMessage(result) };
};

// spec/rendering.md 6.4, table of consequences; improvements I1, I2 judge every backendRef alone.
describe("several backends", () => {
  it.each([
    [
      "missing Service, good Service",
      [MISSING, SFU],
      "STATIC 10.1.0.1 10.96.0.20",
      "False/BackendNotFound",
      "Service media/missing does not exist",
    ],
    [
      "good Service, missing Service",
      [SFU, MISSING],
      "STATIC 10.1.0.1 10.96.0.20",
      "False/BackendNotFound",
      "Service media/missing does not exist",
    ],
    [
      "missing Service, headless Service",
      [MISSING, { name: "headless" }],
      "STATIC 10.1.0.5",
      "False/BackendNotFound",
      "Service media/missing does not exist",
    ],
    [
      "missing StaticService, good StaticService",
      [NO_STATIC, STATIC],
      "STATIC 192.0.2.1",
      "False/BackendNotFound",
      "StaticService media/missing does not exist",
    ],
    [
      "good StaticService, missing StaticService",
      [STATIC, NO_STATIC],
      "STATIC 192.0.2.1",
      "False/BackendNotFound",
      "StaticService media/missing does not exist",
    ],
    [
      "bad kind, good Service",
      [{ name: "pod", kind: "Pod" }, SFU],
      "STATIC 10.1.0.1 10.96.0.20",
      "False/InvalidKind",
      `Pod media/pod of group "" cannot be a backend; ${ACCEPTED}`,
    ],
    [
      "two bad ones, of which the first gives the reason and both are named",
      [MISSING, { name: "pod", kind: "Pod" }, SFU],
      "STATIC 10.1.0.1 10.96.0.20",
      "False/BackendNotFound",
      `Service media/missing does not exist; Pod media/pod of group "" cannot be a backend; ${ACCEPTED}`,
    ],
    [
      "the same two the other way round",
      [{ name: "pod", kind: "Pod" }, MISSING],
      "STATIC",
      "False/InvalidKind",
      `Pod media/pod of group "" cannot be a backend; ${ACCEPTED}; Service media/missing does not exist`,
    ],
    ["Service and StaticService", [STATIC, SFU], "STATIC 10.1.0.1 10.96.0.20 192.0.2.1", "True/ResolvedRefs", "all references resolved"],
    [
      "a bad one and one with a note, the note last",
      [{ ...SFU, endPort: 9 }, MISSING],
      "STATIC 10.1.0.1:<1-9> 10.96.0.20:<1-9>",
      "False/BackendNotFound",
      "Service media/missing does not exist; media/sfu has endPort without port: ports 1 to 9 are open",
    ],
  ])("%s", (_, refs, cluster, resolved, message) => {
    expect(outcome(refs, [...sfu, ...headless, office])).toEqual({
      cluster: `media/route ${cluster}`,
      refs: `ResolvedRefs=${resolved}`,
      message,
    });
  });

  const SERVICE_OUT = "a Service cannot stand beside a StaticService while endpoint discovery is off; it is left out";
  const STATIC_OUT = "a StaticService cannot stand beside a Service while endpoint discovery is off; it is left out";
  it.each([
    ["StaticService, Service", [STATIC, SFU], "STATIC 192.0.2.1", SERVICE_OUT],
    ["Service, StaticService", [SFU, STATIC], "STRICT_DNS sfu.media.svc.cluster.local", STATIC_OUT],
    [
      "Service, StaticService, Service",
      [SFU, STATIC, { name: "b" }],
      "STRICT_DNS b.media.svc.cluster.local sfu.media.svc.cluster.local",
      STATIC_OUT,
    ],
    ["StaticService, two Services", [STATIC, SFU, SFU], "STATIC 192.0.2.1", `${SERVICE_OUT}; ${SERVICE_OUT}`],
    [
      "missing StaticService, Service",
      [NO_STATIC, SFU],
      "STRICT_DNS sfu.media.svc.cluster.local",
      "StaticService media/missing does not exist",
    ],
    ["StaticService without prefixes, Service", [{ ...STATIC, name: "empty" }, SFU], "STRICT_DNS sfu.media.svc.cluster.local", STATIC_OUT],
    [
      "broken StaticService, Service: what parses decides",
      [{ ...STATIC, name: "half" }, SFU],
      "STATIC 192.0.2.9",
      `StaticService media/half: "x" left out; accepted: an IP address or an address prefix such as 192.0.2.0/24; ${SERVICE_OUT}`,
    ],
    [
      "Service, broken StaticService",
      [SFU, { ...STATIC, name: "half" }],
      "STRICT_DNS sfu.media.svc.cluster.local",
      'StaticService media/half: "x" left out; accepted: an IP address or an address prefix such as 192.0.2.0/24',
    ],
  ])("without endpoint discovery: %s", (_, refs, cluster, message) => {
    const objects = [office, staticService("media/empty", []), staticService("media/half", ["x", "192.0.2.9"])];
    expect(outcome(refs, objects, false)).toEqual({
      cluster: `media/route ${cluster}`,
      refs: "ResolvedRefs=False/BackendNotFound",
      message,
    });
  });

  it("without endpoint discovery: StaticServices alone, one of them empty, are STATIC", () => {
    const found = outcome([{ ...STATIC, name: "empty" }], [staticService("media/empty", [])], false);
    expect(found).toEqual({ cluster: "media/route STATIC", refs: "ResolvedRefs=True/ResolvedRefs", message: "all references resolved" });
  });
});

// spec/rendering.md 6.4, 7.1.
describe("a cluster", () => {
  it("has its keys in order and its endpoints ascending by byte", () => {
    const result = rendered([
      gateway(),
      route([SFU]),
      service("media/sfu", { clusterIP: "10.1.0.9" }),
      slice("media/sfu", ["10.1.0.10", "2001:db8::1", "10.1.0.1"]),
    ]);
    expect(JSON.stringify(configOf(result)?.clusters)).toBe(
      '[{"name":"media/route","type":"STATIC","protocol":"UDP","endpoints":["10.1.0.1","10.1.0.10","10.1.0.9","2001:db8::1"]}]',
    );
  });

  it.each([
    ["no backendRefs", [{}]],
    ["an empty list", [{ backendRefs: [] }]],
  ])("has no endpoints with %s (edge case 64)", (_, rules) => {
    const result = rendered([gateway(), route([], { rules })]);
    expect(JSON.stringify(configOf(result)?.clusters)).toBe('[{"name":"media/route","type":"STATIC","protocol":"UDP"}]');
    expect(parentLines(result)).toEqual(["gw Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs"]);
  });

  it.each([[[]], [undefined]])("is none without rules (%j), and the listener still names the route", (rules) => {
    const result = rendered([gateway(), route([], { rules })]);
    expect(configOf(result)).not.toHaveProperty("clusters");
    expect(listenersOf(result)[0]?.routes).toEqual(["media/route"]);
    expect(parentLines(result)).toEqual(["gw Accepted=True/Accepted ResolvedRefs=False/BackendNotFound"]);
    expect(refsMessage(result)).toBe("the route has no rules; one rule with backendRefs is needed");
    expect(problemLines(result)).toEqual(["error UDPRoute media/route spec.rules[0].backendRefs BackendNotFound"]);
  });

  // Edge case 65; improvements I37.
  it("is that of the first rule; that others are ignored is told", () => {
    const result = rendered([gateway(), route([], { rules: [{ backendRefs: [SFU] }, { backendRefs: [MISSING] }] }), ...sfu]);
    expect(clusterLines(result)).toEqual(["media/route STATIC 10.1.0.1 10.96.0.20"]);
    expect(parentLines(result)).toEqual(["gw Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs"]);
    const accepted = conditionOf(parentsOf(result)?.[0]?.conditions, "Accepted").message;
    expect(accepted).toBe("accepted by Gateway media/gw; only the first rule counts, the others are ignored");
    expect(result.problems).toEqual([
      {
        severity: "warning",
        object: "UDPRoute media/route",
        field: "spec.rules[1]",
        reason: "RuleIgnored",
        message: "only the first rule counts",
      },
    ]);
  });

  it("stands in the order of names, each once", () => {
    const all = { allowedRoutes: { namespaces: { from: "All" } } };
    const gw = gateway([{ name: "a", port: 1, protocol: "UDP", ...all }, { name: "b", port: 2, protocol: "UDP", ...all }]);
    const there = { parentRefs: [{ namespace: "media", name: "gw" }] };
    const result = rendered([gw, route([], there, "z/a"), route([], there, "a/z"), route([], there, "a/b")]);
    expect(clusterLines(result)).toEqual(["a/b STATIC", "a/z STATIC", "z/a STATIC"]);
  });

  it("is only in the configs of Gateways that a route is attached to", () => {
    const result = rendered([gateway(), gateway(undefined, {}, "media/other"), route()]);
    expect(configOf(result, "media/other")).not.toHaveProperty("clusters");
  });
});
