import { describe, expect, it } from "vitest";
import { conditionOf, parentLines, parentsOf, problemLines } from "./reading.ts";
import { gateway, listener, rendered, route, staticService, type Fields } from "./builders.ts";

interface Peer {
  readonly prefixes: readonly string[];
  readonly port?: number;
  readonly endPort?: number;
}

/** Routes `media/a`, `media/b`, … on `media/gw`, each with one StaticService of its own. */
const routes = (...peers: Peer[][]) =>
  peers.flatMap((backends, index) => {
    const name = String.fromCodePoint(97 + index);
    const refs = backends.map(({ port, endPort }, place): Fields => ({
      group: "stunner.l7mp.io",
      kind: "StaticService",
      name: `${name}${place}`,
      ...(port === undefined ? {} : { port }),
      ...(endPort === undefined ? {} : { endPort }),
    }));
    return [route(refs, {}, `media/${name}`), ...backends.map(({ prefixes }, place) => staticService(`media/${name}${place}`, prefixes))];
  });

const notes = (objects: ReturnType<typeof routes>, gateways = [gateway()]) => {
  const result = rendered([...gateways, ...objects]);
  return ["a", "b", "c"].flatMap((name) => {
    const parents = parentsOf(result, `media/${name}`);
    const message = parents ? conditionOf(parents[0]?.conditions, "ResolvedRefs").message : "all references resolved";
    return message === "all references resolved" ? [] : [`${name}: ${message.replace("all references resolved; ", "")}`];
  });
};

const onItsOwn = (name: string, section: string) => {
  const ref = { group: "stunner.l7mp.io", kind: "StaticService", name: `${name}0`, port: section === "l1" ? 1 : 2 };
  return route([ref], { parentRefs: [{ name: "gw", sectionName: section }] }, `media/${name}`);
};

const told = (route_: string, first: string, address: string) =>
  `${route_}: on listener media/gw/udp route media/${first} comes first for ${address}, and only its ports count there`;

// improvements I36: the first route, in the order of names, that has a peer's address decides over its ports (spec/stunnerd.md 7.3).
describe("a route whose ports never count", () => {
  it("is told in its ResolvedRefs message, which stays True, and in a warning", () => {
    const result = rendered([gateway(), ...routes([{ prefixes: ["10.0.0.1"], port: 1 }], [{ prefixes: ["10.0.0.1"], port: 2 }])]);
    expect(parentLines(result, "media/b")).toEqual(["gw Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs"]);
    expect(conditionOf(parentsOf(result, "media/b")?.[0]?.conditions, "ResolvedRefs").message).toBe(
      `all references resolved; ${told("b", "a", "10.0.0.1").slice(3)}`,
    );
    expect(problemLines(result)).toEqual(["warning UDPRoute media/b spec.rules[0].backendRefs PortRange"]);
  });

  it.each([
    ["the same address, other ports", [{ prefixes: ["10.0.0.1"], port: 1 }], [{ prefixes: ["10.0.0.1"], port: 2 }], "10.0.0.1"],
    ["the same address, more ports", [{ prefixes: ["10.0.0.1"], port: 1 }], [{ prefixes: ["10.0.0.1"] }], "10.0.0.1"],
    ["a prefix before an address", [{ prefixes: ["10.0.0.0/8"], port: 1 }], [{ prefixes: ["10.0.0.1"] }], "10.0.0.1"],
    ["an address before a prefix", [{ prefixes: ["10.0.0.1"], port: 1 }], [{ prefixes: ["10.0.0.0/8"] }], "10.0.0.1"],
    ["a prefix before a wider one", [{ prefixes: ["10.1.0.0/16"], port: 1 }], [{ prefixes: ["10.0.0.0/8"] }], "10.1.0.0"],
    ["another spelling in IPv6", [{ prefixes: ["2001:db8:0::1"], port: 1 }], [{ prefixes: ["2001:DB8::1"], port: 2 }], "2001:db8::1"],
    ["an IPv6 prefix", [{ prefixes: ["2001:db8::/32"], port: 1 }], [{ prefixes: ["2001:db8::1"], port: 2 }], "2001:db8::1"],
    [
      "ranges with a hole",
      [{ prefixes: ["10.0.0.1"], port: 1, endPort: 5 }, { prefixes: ["10.0.0.1"], port: 7, endPort: 9 }],
      [{ prefixes: ["10.0.0.1"], port: 1, endPort: 9 }],
      "10.0.0.1",
    ],
    ["the second of its addresses", [{ prefixes: ["10.0.0.2"], port: 1 }], [{ prefixes: ["10.0.0.1", "10.0.0.2"], port: 2 }], "10.0.0.2"],
  ])("%s", (_, a, b, address) => {
    expect(notes(routes(a, b))).toEqual([told("b", "a", address)]);
  });

  it.each([
    ["other addresses", [{ prefixes: ["10.0.0.1"], port: 1 }], [{ prefixes: ["10.0.0.2"], port: 2 }]],
    ["the same ports", [{ prefixes: ["10.0.0.1"], port: 1 }], [{ prefixes: ["10.0.0.1"], port: 1 }]],
    ["fewer ports", [{ prefixes: ["10.0.0.1"] }], [{ prefixes: ["10.0.0.1"], port: 1 }]],
    [
      "ports that the union of the first one's ranges has",
      [{ prefixes: ["10.0.0.1"], port: 6, endPort: 9 }, { prefixes: ["10.0.0.0/8"], port: 1, endPort: 5 }],
      [{ prefixes: ["10.0.0.1"], port: 2, endPort: 8 }],
    ],
    ["addresses of the other family", [{ prefixes: ["::/0"], port: 1 }], [{ prefixes: ["10.0.0.1"], port: 2 }]],
    ["another prefix", [{ prefixes: ["10.1.0.0/16"], port: 1 }], [{ prefixes: ["10.2.0.0/16"], port: 2 }]],
  ])("is not: %s", (_, a, b) => {
    expect(notes(routes(a, b))).toEqual([]);
  });

  it("has the name of the route that stunnerd asks, which is the least", () => {
    const given = routes(
      [{ prefixes: ["10.0.0.1"], port: 1 }],
      [{ prefixes: ["10.0.0.0/8"], port: 1 }],
      [{ prefixes: ["10.0.0.1"], port: 3 }],
    );
    expect(notes(given)).toEqual([told("c", "a", "10.0.0.1")]);
  });

  it("looks at the first route that has the address and at no later one", () => {
    expect(
      notes(routes([{ prefixes: ["10.0.0.1"] }], [{ prefixes: ["10.0.0.1"], port: 5 }], [{ prefixes: ["10.0.0.1"], port: 7 }])),
    ).toEqual([]);
  });

  it("is told of a rival at any address of its prefix", () => {
    const given = routes([{ prefixes: ["10.1.0.1"] }], [{ prefixes: ["10.2.0.1"], port: 5 }], [{ prefixes: ["10.0.0.0/8"] }]);
    expect(notes(given)).toEqual([told("c", "b", "10.2.0.1")]);
  });

  it("is told where its rival's ranges are complete only over several addresses", () => {
    const first = [{ prefixes: ["10.1.0.1"], port: 1, endPort: 100 }, { prefixes: ["10.2.0.1"], port: 101, endPort: 65_535 }];
    expect(notes(routes(first, [{ prefixes: ["10.0.0.0/8"] }]))).toEqual([told("b", "a", "10.1.0.1")]);
  });

  it("is told once on a listener, for the first of its addresses", () => {
    const given = routes([{ prefixes: ["10.0.0.1", "10.0.0.2"], port: 1 }], [{ prefixes: ["10.0.0.1", "10.0.0.2"], port: 2 }]);
    expect(notes(given)).toEqual([told("b", "a", "10.0.0.1")]);
  });

  it("is told in the order of listener names", () => {
    const listeners = gateway([listener("l2", 2, "UDP"), listener("l1", 1, "UDP")]);
    const given = routes([{ prefixes: ["10.0.0.1"], port: 1 }], [{ prefixes: ["10.0.0.1"], port: 2 }]);
    const message = conditionOf(parentsOf(rendered([listeners, ...given]), "media/b")?.[0]?.conditions, "ResolvedRefs").message;
    expect(message.match(/on listener \S+/g)).toEqual(["on listener media/gw/l1", "on listener media/gw/l2"]);
  });

  it("is not looked for among host names, without endpoint discovery", () => {
    const given = routes([{ prefixes: ["10.0.0.1"], port: 1 }], [{ prefixes: ["10.0.0.1"], port: 2 }]);
    const result = rendered([gateway(), route([{ name: "sfu" }], {}, "media/0"), ...given], { endpointDiscovery: false });
    expect(problemLines(result)).toEqual(["warning UDPRoute media/b spec.rules[0].backendRefs PortRange"]);
  });

  it("is told of each listener on which it happens, and of none where it is alone", () => {
    const listeners = gateway([listener("l1", 1, "UDP"), listener("l2", 2, "UDP")]);
    const given = routes([{ prefixes: ["10.0.0.1"], port: 1 }], [{ prefixes: ["10.0.0.1"], port: 2 }]);
    const message = conditionOf(parentsOf(rendered([listeners, ...given]), "media/b")?.[0]?.conditions, "ResolvedRefs").message;
    expect(message.match(/on listener \S+/g)).toEqual(["on listener media/gw/l1", "on listener media/gw/l2"]);
    expect(problemLines(rendered([listeners, ...given, onItsOwn("a", "l1"), onItsOwn("b", "l2")]))).toEqual([]);
  });
});
