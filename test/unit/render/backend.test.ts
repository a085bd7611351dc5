import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../shared/resources/meta.ts";
import type { RenderOptions } from "../../../shared/render/result.ts";
import { endpoints, gateway, grant, officialRoute, rendered, route, service, slice, staticService, type Fields } from "./builders.ts";
import { clusterLines, parentLines, problemLines, refsMessage } from "./reading.ts";

const STATIC = { group: "stunner.l7mp.io", kind: "StaticService" };
const sfu = service("media/sfu");
const pods = slice("media/sfu", ["10.1.0.9", "10.1.0.10"]);
const office = staticService("media/office", ["192.0.2.0/24", "2001:db8::/64"]);

/** Cluster, ResolvedRefs and its message for these backends. */
function resolve(refs: Fields[], objects: KubeObject[] = [], options: Partial<RenderOptions> = {}) {
  const result = rendered([gateway(), route(refs), ...objects], options);
  const [line = ""] = parentLines(result);
  return {
    cluster: clusterLines(result)[0]?.replace("media/route ", ""),
    refs: line.split(" ").at(-1)?.replace("ResolvedRefs=", ""),
    message: refsMessage(result),
    result,
  };
}

// spec/rendering.md 6.5; improvements I1.
describe("a Service as backend", () => {
  it.each([
    ["with pods", [sfu, pods], "STATIC 10.1.0.10 10.1.0.9 10.96.0.20", "True/ResolvedRefs"],
    ["without pods", [sfu], "STATIC 10.96.0.20", "True/ResolvedRefs"],
    ["with an empty slice", [sfu, slice("media/sfu", [], { endpoints: [] })], "STATIC 10.96.0.20", "True/ResolvedRefs"],
    ["with a slice that lists nothing", [sfu, slice("media/sfu", [], { endpoints: undefined })], "STATIC 10.96.0.20", "True/ResolvedRefs"],
    ["that is headless, with pods", [service("media/sfu", { clusterIP: "None" }), pods], "STATIC 10.1.0.10 10.1.0.9", "True/ResolvedRefs"],
    ["that is headless, without pods", [service("media/sfu", { clusterIP: "None" })], "STATIC", "True/ResolvedRefs"],
    ["without cluster IP yet", [service("media/sfu", { clusterIP: "" }), pods], "STATIC 10.1.0.10 10.1.0.9", "True/ResolvedRefs"],
    ["without spec", [{ ...sfu, spec: undefined }, pods], "STATIC 10.1.0.10 10.1.0.9", "True/ResolvedRefs"],
    ["that is missing", [], "STATIC", "False/BackendNotFound"],
    ["that is missing while its slices are there", [pods], "STATIC 10.1.0.10 10.1.0.9", "True/ResolvedRefs"],
    [
      "of type ExternalName",
      [service("media/sfu", { type: "ExternalName", externalName: "x.example.com" }), pods],
      "STATIC",
      "False/InvalidKind",
    ],
    ["with slices of another Service", [sfu, slice("media/other", ["10.1.0.9"])], "STATIC 10.96.0.20", "True/ResolvedRefs"],
    ["with slices of another namespace", [sfu, slice("far/sfu", ["10.1.0.9"])], "STATIC 10.96.0.20", "True/ResolvedRefs"],
    [
      "with several slices",
      [sfu, pods, { ...slice("media/sfu", ["10.1.0.1"]), metadata: { ...pods.metadata, name: "sfu-2" } }],
      "STATIC 10.1.0.1 10.1.0.10 10.1.0.9 10.96.0.20",
      "True/ResolvedRefs",
    ],
  ])("%s", (_, objects, cluster, refs) => {
    expect(resolve([{ name: "sfu" }], objects)).toMatchObject({ cluster, refs });
  });

  it("has all pods, also those that are not ready or terminating, and all of their addresses (edge case 74)", () => {
    const conditions = [
      { addresses: ["10.1.0.1", "2001:db8::1"], conditions: { ready: false, serving: false } },
      { addresses: ["10.1.0.2"], conditions: { terminating: true } },
    ];
    expect(
      resolve([{ name: "sfu" }], [sfu, slice("media/sfu", [], { endpoints: conditions })]).cluster,
    ).toBe("STATIC 10.1.0.1 10.1.0.2 10.96.0.20 2001:db8::1");
  });

  it("keeps its good endpoints beside host names, which are told (I2)", () => {
    const found = resolve([{ name: "sfu" }], [sfu, slice("media/sfu", ["pod.example.com", "b"], { addressType: "FQDN" })]);
    expect(found).toMatchObject({
      cluster: "STATIC 10.96.0.20",
      refs: "False/BackendNotFound",
      message: 'Service media/sfu: "pod.example.com", "b" left out; accepted: an IP address or an address prefix such as 192.0.2.0/24',
    });
  });

  it.each([
    ["missing", [], "Service media/sfu does not exist"],
    [
      "external",
      [service("media/sfu", { type: "ExternalName" })],
      "Service media/sfu is of type ExternalName, which has no endpoints; accepted: a Service with pods or a cluster IP",
    ],
  ])("says why not: %s", (_, objects, message) => {
    const found = resolve([{ name: "sfu" }], objects);
    expect(found.message).toBe(message);
    expect(found.result.problems).toMatchObject([
      { severity: "error", object: "UDPRoute media/route", field: "spec.rules[0].backendRefs", message },
    ]);
  });

  it("may be in any namespace under permit, without a word (edge case 68)", () => {
    const found = resolve([{ name: "sfu", namespace: "far" }], [service("far/sfu"), slice("far/sfu", ["10.1.0.1"])]);
    expect(found).toMatchObject({ cluster: "STATIC 10.1.0.1 10.96.0.20", refs: "True/ResolvedRefs" });
    expect(found.result.problems).toEqual([]);
  });

  it("counts as often as it is listed (edge case 75)", () => {
    const refs = [{ name: "sfu", port: 1, endPort: 2 }, { name: "sfu", port: 5 }];
    expect(resolve(refs, [sfu]).cluster).toBe("STATIC 10.96.0.20:<1-2> 10.96.0.20:<5-5>");
    expect(resolve([{ name: "sfu" }, { name: "sfu" }], [sfu]).cluster).toBe("STATIC 10.96.0.20 10.96.0.20");
  });
});

// spec/rendering.md 6.5.3.
describe("Endpoints in place of EndpointSlices", () => {
  const off = { endpointSlices: false };
  it.each([
    [
      "addresses of all subsets, ready or not",
      [
        endpoints(
          "media/sfu",
          [{ addresses: [{ ip: "10.1.0.1" }], notReadyAddresses: [{ ip: "10.1.0.2" }] }, { addresses: [{ ip: "10.1.0.3" }] }],
        ),
      ],
      "STATIC 10.1.0.1 10.1.0.2 10.1.0.3 10.96.0.20",
    ],
    ["none", [], "STATIC 10.96.0.20"],
    ["no subsets", [{ ...endpoints("media/sfu", []), subsets: undefined }], "STATIC 10.96.0.20"],
    ["empty subsets", [endpoints("media/sfu", [{}])], "STATIC 10.96.0.20"],
    ["not slices", [pods], "STATIC 10.96.0.20"],
    ["of another Service", [endpoints("media/other", [{ addresses: [{ ip: "10.1.0.1" }] }])], "STATIC 10.96.0.20"],
  ])("%s", (_, objects, cluster) => {
    expect(resolve([{ name: "sfu" }], [sfu, ...objects], off)).toMatchObject({ cluster, refs: "True/ResolvedRefs" });
  });

  it("are not read where slices are", () => {
    expect(
      resolve([{ name: "sfu" }], [sfu, endpoints("media/sfu", [{ addresses: [{ ip: "10.1.0.1" }] }])]).cluster,
    ).toBe("STATIC 10.96.0.20");
  });
});

// spec/rendering.md 6.4 step e; edge cases 67, 70, 80, 81.
describe("a StaticService as backend", () => {
  it.each([
    ["with prefixes", [office], "STATIC 192.0.2.0/24 2001:db8::/64", "True/ResolvedRefs", "all references resolved"],
    ["without prefixes", [staticService("media/office", [])], "STATIC", "True/ResolvedRefs", "all references resolved"],
    ["without spec", [{ ...office, spec: undefined }], "STATIC", "True/ResolvedRefs", "all references resolved"],
    ["that is missing", [], "STATIC", "False/BackendNotFound", "StaticService media/office does not exist"],
    [
      "with a prefix that does not parse (I2)",
      [staticService("media/office", ["192.0.2.1", "dummy", "10.0.0.0/33"])],
      "STATIC 192.0.2.1",
      "False/BackendNotFound",
      'StaticService media/office: "dummy", "10.0.0.0/33" left out; accepted: an IP address or an address prefix such as 192.0.2.0/24',
    ],
  ])("%s", (_, objects, cluster, refs, message) => {
    expect(resolve([{ ...STATIC, name: "office" }], objects)).toMatchObject({ cluster, refs, message });
  });
});

// spec/rendering.md 6.4 steps a, b, f; edge cases 66, 67.
describe("a backendRef that is no backend", () => {
  it.each([
    ["group v1", { group: "v1" }, 'Service media/sfu of group "v1" cannot be a backend'],
    ["group apps", { group: "apps" }, 'Service media/sfu of group "apps" cannot be a backend'],
    ["kind Pod", { kind: "Pod" }, 'Pod media/sfu of group "" cannot be a backend'],
    ["the stunner group without kind", { group: "stunner.l7mp.io" }, 'Service media/sfu of group "stunner.l7mp.io" cannot be a backend'],
    ["a StaticService without group", { kind: "StaticService" }, 'StaticService media/sfu of group "" cannot be a backend'],
    ["a StaticService of the core group", { group: "", kind: "StaticService" }, 'StaticService media/sfu of group "" cannot be a backend'],
    [
      "kind Pod of the stunner group",
      { group: "stunner.l7mp.io", kind: "Pod" },
      'Pod media/sfu of group "stunner.l7mp.io" cannot be a backend',
    ],
  ])("%s is InvalidKind", (_, ref, message) => {
    const found = resolve([{ ...ref, name: "sfu" }], [sfu, pods, staticService("media/sfu", ["192.0.2.1"])]);
    expect(found).toMatchObject({ cluster: "STATIC", refs: "False/InvalidKind" });
    expect(found.message).toBe(`${message}; accepted: Service of group "", StaticService of group "stunner.l7mp.io"`);
  });

  it.each([{}, { group: "" }, { kind: "Service" }, { group: "", kind: "Service" }])("%j is a Service", (ref) => {
    expect(resolve([{ ...ref, name: "sfu" }], [sfu])).toMatchObject({ cluster: "STATIC 10.96.0.20", refs: "True/ResolvedRefs" });
  });
});

// spec/rendering.md 6.4 port range suffix; improvements I16.
describe("ports of a backend", () => {
  it.each([
    [{ port: 20_000, endPort: 30_000 }, "STATIC 192.0.2.0/24:<20000-30000> 2001:db8::/64:<20000-30000>", false],
    [{ port: 5 }, "STATIC 192.0.2.0/24:<5-5> 2001:db8::/64:<5-5>", false],
    [{ endPort: 200 }, "STATIC 192.0.2.0/24:<1-200> 2001:db8::/64:<1-200>", true],
    [{ port: 70_000, endPort: 200 }, "STATIC 192.0.2.0/24:<1-200> 2001:db8::/64:<1-200>", false],
    [{ port: 1, endPort: 65_535 }, "STATIC 192.0.2.0/24 2001:db8::/64", false],
    [{ endPort: 65_535 }, "STATIC 192.0.2.0/24 2001:db8::/64", false],
    [{}, "STATIC 192.0.2.0/24 2001:db8::/64", false],
  ])("%j", (ports, cluster, isNoted) => {
    const found = resolve([{ ...STATIC, name: "office", ...ports }], [office]);
    expect(found).toMatchObject({ cluster, refs: "True/ResolvedRefs" });
    expect(found.message).toBe(
      isNoted ? "all references resolved; media/office has endPort without port: ports 1 to 200 are open" : "all references resolved",
    );
    expect(problemLines(found.result)).toEqual(isNoted ? ["warning UDPRoute media/route spec.rules[0].backendRefs PortRange"] : []);
  });

  it("of the official kind do not count (edge case 83)", () => {
    const result = rendered([gateway(), officialRoute([{ name: "sfu", port: 1, endPort: 200 }]), sfu]);
    expect(clusterLines(result)).toEqual(["media/route STATIC 10.96.0.20"]);
    expect(refsMessage(result, "media/route", "gateway.networking.k8s.io")).toBe("all references resolved");
  });
});

// spec/rendering.md 6.5; edge cases 76 to 78.
describe("without endpoint discovery a Service", () => {
  const off = { endpointDiscovery: false };
  it.each([
    ["is its DNS name", { name: "sfu" }, "STRICT_DNS sfu.media.svc.cluster.local"],
    ["of another namespace too", { name: "sfu", namespace: "far" }, "STRICT_DNS sfu.far.svc.cluster.local"],
    ["has no port range", { name: "sfu", port: 5, endPort: 9 }, "STRICT_DNS sfu.media.svc.cluster.local"],
    ["has no note of an endPort", { name: "sfu", endPort: 9 }, "STRICT_DNS sfu.media.svc.cluster.local"],
  ])("%s", (_, ref, cluster) => {
    expect(resolve([ref], [], off)).toMatchObject({ cluster, refs: "True/ResolvedRefs", message: "all references resolved" });
  });

  it("of type ExternalName has a name as well (edge case 76)", () => {
    expect(
      resolve([{ name: "sfu" }], [service("media/sfu", { type: "ExternalName" })], off),
    ).toMatchObject({ cluster: "STRICT_DNS sfu.media.svc.cluster.local", refs: "True/ResolvedRefs" });
  });
});

const from = (group: string, namespace = "media") => ({ group, kind: "UDPRoute", namespace });

// improvements I20.
describe("a backend of another namespace under enforce", () => {
  const NATIVE = "stunner.l7mp.io";
  const far = [service("far/sfu"), staticService("far/office", ["192.0.2.1"])];
  const enforce = { referenceGrants: "enforce" as const };
  const toService = { group: "", kind: "Service" };

  it("needs a ReferenceGrant", () => {
    const found = resolve([{ name: "sfu", namespace: "far" }], far, enforce);
    expect(found).toMatchObject({
      cluster: "STATIC",
      refs: "False/RefNotPermitted",
      message: "Service far/sfu is in another namespace and no ReferenceGrant there allows it for UDPRoutes of media",
    });
  });

  it.each([
    ["a Service", { name: "sfu", namespace: "far" }, toService, "STATIC 10.96.0.20"],
    ["a StaticService", { ...STATIC, name: "office", namespace: "far" }, STATIC, "STATIC 192.0.2.1"],
  ])("is used with one: %s", (_, ref, to, cluster) => {
    expect(resolve([ref], [...far, grant("far/g", [from(NATIVE)], [to])], enforce)).toMatchObject({ cluster, refs: "True/ResolvedRefs" });
  });

  it("is judged by the route's own group", () => {
    const official = [gateway(), officialRoute([{ name: "sfu", namespace: "far" }]), ...far];
    const permitted = (group: string) => parentLines(
      rendered([...official, grant("far/g", [from(group)], [toService])], enforce),
      "media/route",
      "gateway.networking.k8s.io",
    )[0]?.split(" ").at(-1);
    expect(permitted("gateway.networking.k8s.io")).toBe("ResolvedRefs=True/ResolvedRefs");
    expect(permitted(NATIVE)).toBe("ResolvedRefs=False/RefNotPermitted");
  });

  it("needs none in its own namespace, nor a namespace said in full", () => {
    expect(resolve([{ name: "sfu", namespace: "media" }], [sfu], enforce).refs).toBe("True/ResolvedRefs");
  });

  it("is refused without endpoint discovery too", () => {
    expect(resolve([{ name: "sfu", namespace: "far" }], far, { ...enforce, endpointDiscovery: false }).refs).toBe("False/RefNotPermitted");
  });
});
