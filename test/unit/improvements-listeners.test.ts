import { describe, expect, it } from "vitest";
import { gateway, listener, rendered, route, service, tlsListener, UDP } from "./render/builders.ts";
import {
  attachedRoutes,
  clusterLines,
  gatewayConditions,
  LISTENER_OK,
  listenerConditions,
  listenerLines,
  listenersOf,
  listenerStatusOf,
  parentLines,
  servicePorts,
} from "./render/reading.ts";

const KINDS = [
  { group: "gateway.networking.k8s.io", kind: "UDPRoute" },
  { group: "stunner.l7mp.io", kind: "UDPRoute" },
];
const kindsOnly = (kinds: readonly { group?: string; kind: string }[]) => ({ allowedRoutes: { kinds, namespaces: { from: "Same" } } });
const sfu = service("media/sfu");
const lastRouteOf = (parentRefs: readonly object[]) => route([{ name: "sfu" }], { parentRefs });

describe("I3: overlapping parentRefs count once", () => {
  it("one route, named with and without its section", () => {
    const result = rendered([gateway(), lastRouteOf([{ name: "gw" }, { name: "gw", sectionName: "udp" }]), sfu]);
    expect([attachedRoutes(result), listenersOf(result)[0]?.routes]).toEqual([["udp=1"], ["media/route"]]);
    expect(parentLines(result)).toHaveLength(2);
  });
});

describe("I4, I36: a listener that stunnerd would not take is not rendered", () => {
  it.each([
    ["without tls", listener("tls", 443, "TURN-TLS")],
    ["with Passthrough", tlsListener("tls", 443, "TURN-TLS", [{ name: "cert" }], { mode: "Passthrough" })],
    ["with only options", listener("tls", 443, "DTLS", { tls: { options: { x: "y" } } })],
  ])("a TLS or DTLS listener %s", (_what, bad) => {
    const result = rendered([gateway([UDP, bad])]);
    expect([listenerLines(result), listenerConditions(result, "tls")]).toEqual([
      ["udp TURN-UDP:3478"],
      ["Accepted=True/Accepted", "Conflicted=False/NoConflicts", "ResolvedRefs=False/InvalidCertificateRef", "Programmed=False/Invalid"],
    ]);
  });
});

describe("I5: conflicted listeners have no Service port", () => {
  it("the first one keeps it", () => {
    const result = rendered([gateway([listener("a", 3478, "UDP"), listener("b", 3478, "TURN-UDP"), listener("c", 3478, "turn-dtls")])]);
    expect([servicePorts(result), listenerLines(result)]).toEqual([["a UDP 3478>3478"], ["a TURN-UDP:3478"]]);
    const conflict = ["Accepted=False/PortUnavailable", "Conflicted=True/ProtocolConflict"];
    expect([listenerConditions(result, "b").slice(0, 2), listenerConditions(result, "c").slice(0, 2)]).toEqual([conflict, conflict]);
  });
});

describe("I14: protocol names in any case", () => {
  it.each([
    ["udp", "TURN-UDP"],
    ["Turn-Tcp", "TURN-TCP"],
    ["tcp", "TURN-TCP"],
  ])("%s is rendered as %s", (given, expected) => {
    expect(listenerLines(rendered([gateway([listener("a", 3478, given)])]))).toEqual([`a ${expected}:3478`]);
  });
});

describe("I22, I38: conditions as Gateway API has them", () => {
  it("I22: a listener that is served is Programmed", () => {
    expect(listenerConditions(rendered([gateway()]), "udp")).toEqual(LISTENER_OK);
  });

  it("I38: Accepted=True/ListenersNotValid while another listener is good", () => {
    const result = rendered([gateway([UDP, listener("web", 80, "HTTP")])]);
    expect(gatewayConditions(result)[0]).toBe("Accepted=True/ListenersNotValid");
    expect([listenerStatusOf(result, "web").supportedKinds, listenerStatusOf(result, "udp").supportedKinds]).toEqual([[], KINDS]);
  });

  it("I38: Accepted=False/ListenersNotValid when none is good", () => {
    expect(gatewayConditions(rendered([gateway([listener("web", 80, "HTTP")])]))[0]).toBe("Accepted=False/ListenersNotValid");
  });
});

describe("I39: allowedRoutes.kinds", () => {
  it("only the kinds that are listed and supported attach", () => {
    const result = rendered([
      gateway([listener("udp", 3478, "UDP", kindsOnly([{ kind: "UDPRoute" }]))]),
      lastRouteOf([{ name: "gw" }]),
      sfu,
    ]);
    expect(listenerStatusOf(result, "udp").supportedKinds).toEqual([KINDS[0]]);
    expect([attachedRoutes(result), parentLines(result)]).toEqual([
      ["udp=0"],
      ["gw Accepted=False/NotAllowedByListeners ResolvedRefs=True/ResolvedRefs"],
    ]);
  });

  it("an unsupported kind is told while the supported ones attach", () => {
    const kinds = kindsOnly([{ kind: "TCPRoute" }, { group: "stunner.l7mp.io", kind: "UDPRoute" }]);
    const result = rendered([gateway([listener("udp", 3478, "UDP", kinds)]), lastRouteOf([{ name: "gw" }]), sfu]);
    expect(listenerConditions(result, "udp")[2]).toBe("ResolvedRefs=False/InvalidRouteKinds");
    expect([attachedRoutes(result), listenerStatusOf(result, "udp").supportedKinds]).toEqual([["udp=1"], [KINDS[1]]]);
  });
});

describe("I42: routes are counted whether or not the listener is valid", () => {
  it("on a listener without certificate", () => {
    const result = rendered([gateway([tlsListener("tls", 443, "TURN-TLS", [{ name: "gone" }])]), lastRouteOf([{ name: "gw" }]), sfu]);
    expect([attachedRoutes(result), listenerLines(result), clusterLines(result)]).toEqual([
      ["tls=1"],
      [],
      ["media/route STATIC 10.96.0.20"],
    ]);
  });
});

describe("I43: port and sectionName of a parentRef are the listener's", () => {
  const two = gateway([UDP, listener("tcp", 3479, "TURN-TCP")]);

  it("the port selects a listener", () => {
    const result = rendered([two, lastRouteOf([{ name: "gw", port: 3479 }]), sfu]);
    expect([attachedRoutes(result), parentLines(result)]).toEqual([
      ["udp=0", "tcp=1"],
      ["gw:3479 Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs"],
    ]);
  });

  it.each([
    [{ name: "gw", port: 9 }, "gw:9"],
    [{ name: "gw", sectionName: "nowhere" }, "gw#nowhere"],
    [{ name: "gw", sectionName: "udp", port: 3479 }, "gw#udp:3479"],
  ])("%j is no parent", (ref, line) => {
    const result = rendered([two, lastRouteOf([ref]), sfu]);
    expect([attachedRoutes(result), parentLines(result)]).toEqual([
      ["udp=0", "tcp=0"],
      [`${line} Accepted=False/NoMatchingParent ResolvedRefs=True/ResolvedRefs`],
    ]);
  });
});
