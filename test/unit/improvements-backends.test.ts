import { describe, expect, it } from "vitest";
import { serializeConfig } from "../../shared/resources/stunnerd-config.ts";
import {
  annotated,
  endpoints,
  gateway,
  gatewayConfig,
  listener,
  officialRoute,
  rendered,
  route,
  secret,
  service,
  slice,
  staticService,
  UDP,
} from "./render/builders.ts";
import { clusterLines, configOf, conditionOf, listenersOf, parentLines, parentsOf, problemLines, refsMessage } from "./render/reading.ts";

const RESOLVED = ["gw Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs"];
const headless = service("media/sfu", { clusterIP: "None" });
const pods = slice("media/sfu", ["10.1.0.1"]);
const unresolved = (reason: string): string[] => [`gw Accepted=True/Accepted ResolvedRefs=False/${reason}`];
const officeRef = { group: "stunner.l7mp.io", kind: "StaticService", name: "office" };

describe("I1: a backend is resolved when it exists or an address was found for it", () => {
  it("a headless Service with pods", () => {
    const result = rendered([gateway(), route([{ name: "sfu" }]), headless, pods]);
    expect([parentLines(result), clusterLines(result)]).toEqual([RESOLVED, ["media/route STATIC 10.1.0.1"]]);
  });

  it("a ClusterIP Service without pods", () => {
    expect(parentLines(rendered([gateway(), route([{ name: "sfu" }]), service("media/sfu")]))).toEqual(RESOLVED);
  });

  it("pods whose Service is gone", () => {
    expect(parentLines(rendered([gateway(), route([{ name: "sfu" }]), pods]))).toEqual(RESOLVED);
  });

  it("Endpoints where EndpointSlices are switched off", () => {
    const objects = [gateway(), route([{ name: "sfu" }]), headless, endpoints("media/sfu", [{ addresses: [{ ip: "10.1.0.2" }] }])];
    const result = rendered(objects, { endpointSlices: false });
    expect([parentLines(result), clusterLines(result)]).toEqual([RESOLVED, ["media/route STATIC 10.1.0.2"]]);
  });

  it("neither: BackendNotFound; a Service of type ExternalName: InvalidKind", () => {
    expect(parentLines(rendered([gateway(), route([{ name: "sfu" }])]))).toEqual(unresolved("BackendNotFound"));
    const external = service("media/sfu", { type: "ExternalName", externalName: "x.example" });
    expect(parentLines(rendered([gateway(), route([{ name: "sfu" }]), external]))).toEqual(unresolved("InvalidKind"));
  });
});

describe("I2: every backendRef is judged alone", () => {
  it.each([
    ["a missing one first", [{ name: "gone" }, { name: "sfu" }], "BackendNotFound"],
    ["a missing one last", [{ name: "sfu" }, { ...officeRef, name: "gone" }], "BackendNotFound"],
    ["an unknown kind first", [{ kind: "Pod", name: "x" }, { name: "gone" }, { name: "sfu" }], "InvalidKind"],
  ])("%s costs only itself, and the first error is told", (_what, refs, reason) => {
    const result = rendered([gateway(), route(refs), headless, pods]);
    expect([clusterLines(result), parentLines(result)]).toEqual([["media/route STATIC 10.1.0.1"], unresolved(reason)]);
  });

  it("the message names every bad backend", () => {
    const message = refsMessage(rendered([gateway(), route([{ name: "gone" }, { name: "lost" }, { name: "sfu" }]), headless, pods]));
    expect([message.includes("media/gone"), message.includes("media/lost"), message.includes("media/sfu")]).toEqual([true, true, false]);
  });

  it("endpoints that do not parse are dropped alone", () => {
    const result = rendered([gateway(), route([officeRef]), staticService("media/office", ["192.0.2.0/24", "dummy", "10.0.0.0/33"])]);
    expect([clusterLines(result), parentLines(result)]).toEqual([["media/route STATIC 192.0.2.0/24"], unresolved("BackendNotFound")]);
    expect(refsMessage(result)).toMatch(/"dummy".*"10\.0\.0\.0\/33"/);
  });

  it("a Service and a StaticService with endpoint discovery off: the first decides the type, the other is told", () => {
    const objects = [gateway(), route([{ name: "sfu" }, officeRef]), staticService("media/office", ["192.0.2.1"])];
    const result = rendered(objects, { endpointDiscovery: false });
    expect([clusterLines(result), parentLines(result)]).toEqual([
      ["media/route STRICT_DNS sfu.media.svc.cluster.local"],
      unresolved("BackendNotFound"),
    ]);
  });
});

describe("I16, I37: what works as upstream's and is told", () => {
  it("I16: endPort without port opens the range from 1, with a warning", () => {
    const result = rendered([gateway(), route([{ name: "sfu", endPort: 200 }]), headless, pods]);
    expect([clusterLines(result), parentLines(result)]).toEqual([["media/route STATIC 10.1.0.1:<1-200>"], RESOLVED]);
    expect(refsMessage(result)).toMatch(/endPort.*1 to 200/);
  });

  it("I37: only the first rule counts, and the Accepted message says so", () => {
    const rules = [{ backendRefs: [{ name: "sfu" }] }, { backendRefs: [{ name: "gone" }] }];
    const result = rendered([gateway(), route([], { rules }), headless, pods]);
    expect([clusterLines(result), parentLines(result)]).toEqual([["media/route STATIC 10.1.0.1"], RESOLVED]);
    expect(conditionOf(parentsOf(result)?.[0]?.conditions, "Accepted").message).toContain("first rule");
  });
});

describe("I21: official UDPRoutes at v1alpha2 and v1", () => {
  it.each(["v1alpha2", "v1"])("%s is rendered without its backend port", (version) => {
    const result = rendered([gateway(), officialRoute([{ name: "sfu", port: 9 }], {}, "media/route", version), headless, pods]);
    expect([clusterLines(result), parentLines(result, "media/route", "gateway.networking.k8s.io")]).toEqual([
      ["media/route STATIC 10.1.0.1"],
      RESOLVED,
    ]);
  });

  it.each(["v1alpha2", "v1"])("%s is masked by a native route of its name", (version) => {
    const result = rendered([
      gateway(),
      route([{ name: "sfu" }]),
      officialRoute([{ name: "gone" }], {}, "media/route", version),
      headless,
      pods,
    ]);
    expect(clusterLines(result)).toEqual(["media/route STATIC 10.1.0.1"]);
    expect(parentLines(result, "media/route", "gateway.networking.k8s.io")).toEqual([
      "gw Accepted=False/Pending ResolvedRefs=True/ResolvedRefs",
    ]);
  });
});

describe("I36: nothing that stunnerd mishandles", () => {
  it("a credential with ${ survives the expansion of variables", () => {
    const credentials = secret("stunner-system/auth", { username: "a", password: "p${HOME}$x" });
    const config = configOf(rendered([gateway(), gatewayConfig({ authRef: { name: "auth" } }), credentials]));
    expect(config?.auth.credentials.password).toBe("p${HOME}$x");
    expect(config && serializeConfig(config).match(/\$.{12}/g)).toEqual(["$STUNNER_ADDR"]);
  });

  it("routes that overlap in an IP are not merged; the shadowed one is told", () => {
    const result = rendered([
      gateway(),
      route([{ name: "sfu", port: 1000 }], {}, "media/a"),
      route([{ name: "sfu", port: 2000 }], {}, "media/b"),
      headless,
      pods,
    ]);
    expect(clusterLines(result)).toEqual(["media/a STATIC 10.1.0.1:<1000-1000>", "media/b STATIC 10.1.0.1:<2000-2000>"]);
    expect(refsMessage(result, "media/a")).not.toContain("10.1.0.1");
    expect(refsMessage(result, "media/b")).toMatch(/media\/a.*10\.1\.0\.1/);
    expect(problemLines(result)).toContain("warning UDPRoute media/b spec.rules[0].backendRefs PortRange");
  });

  it("a target port of two listeners goes to the first of them, one out of range to none", () => {
    const result = rendered([
      annotated({ "stunner.l7mp.io/targetport": '{"udp":5000,"b":5000,"c":70000}' }, [
        UDP,
        listener("b", 3479, "TURN-UDP"),
        listener("c", 3480, "TURN-UDP"),
      ]),
    ]);
    expect(listenersOf(result).map(({ name, port }) => `${name} ${port}`)).toEqual(["media/gw/udp 5000", "media/gw/c 3480"]);
  });

  it("no TCP listener on the port of stunnerd's own health server", () => {
    const result = rendered([gateway([listener("a", 8086, "TURN-TCP"), listener("b", 8086, "TURN-UDP")])]);
    expect(listenersOf(result).map(({ name }) => name)).toEqual(["media/gw/b"]);
  });
});
