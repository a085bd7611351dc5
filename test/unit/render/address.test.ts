import { describe, expect, it } from "vitest";
import { annotated, gateway, listener, node, ownedService, rendered, type Fields } from "./builders.ts";
import { acceptedMessage, addressesOf, conditionOf, gatewayConditions, publicLines, statusOf } from "./reading.ts";

const MIXED = { "stunner.l7mp.io/enable-mixed-protocol-lb": "true" };
const typed = (type: string) => ({ "stunner.l7mp.io/service-type": type });
const NODE = node("n1", [{ type: "InternalIP", address: "10.0.0.1" }, { type: "ExternalIP", address: "198.51.100.7" }]);
const nodePort = (port: number) => ({ ports: [{ name: "udp", protocol: "UDP", port: 3478, nodePort: port }] });
/** Ports of an ingress. */
const ports = (...pairs: [number, string][]) => ({ ports: pairs.map(([port, protocol]) => ({ port, protocol })) });
const PROGRAMMED = "Programmed=True/Programmed";
const UNASSIGNED = "Programmed=False/AddressNotAssigned";

/** Two listeners of two transports; the Service that is desired has port `udp` first, then `tcp`. */
const two = (annotations: Record<string, string> = {}, spec: Fields = {}) => annotated(
  { ...MIXED, ...annotations },
  [listener("udp", 1, "UDP"), listener("tcp", 2, "TCP")],
  spec,
);

// spec/rendering.md 5.7 rule 1, 5.8; edge cases 37 to 39; improvements I45.
describe("spec.addresses", () => {
  it.each([
    ["an address", [{ value: "203.0.113.9" }], "IPAddress 203.0.113.9"],
    ["its type", [{ type: "IPAddress", value: "2001:db8::9" }], "IPAddress 2001:db8::9"],
    ["a host name", [{ type: "Hostname", value: "turn.example.com" }], "Hostname turn.example.com"],
    ["the first of two", [{ value: "203.0.113.9" }, { value: "203.0.113.10" }], "IPAddress 203.0.113.9"],
  ])("%s wins over all else", (_, addresses, wanted) => {
    const result = rendered([gateway(undefined, { addresses }), ownedService(nodePort(30_478), [{ ip: "203.0.113.1" }]), NODE]);
    expect(addressesOf(result)).toEqual([wanted]);
    expect(publicLines(result)).toEqual([`udp ${wanted.split(" ")[1]}:3478`]);
    expect(gatewayConditions(result)[1]).toBe(addresses.length > 1 ? "Programmed=False/AddressNotUsable" : PROGRAMMED);
  });

  it.each([
    ["no value", [{ type: "IPAddress" }]],
    ["an empty value", [{ value: "" }, { value: "203.0.113.10" }]],
    ["an empty list", []],
  ])("%s counts as none", (_, addresses) => {
    const result = rendered([gateway(undefined, { addresses }), ownedService({}, [{ ip: "203.0.113.1" }])]);
    expect(publicLines(result)).toEqual(["udp 203.0.113.1:3478"]);
  });

  it("needs a Service port (edge case 38)", () => {
    const result = rendered([
      annotated({}, [listener("udp", 1, "UDP"), listener("tcp", 2, "TCP")], { addresses: [{ value: "203.0.113.9" }] }),
    ]);
    expect(publicLines(result)).toEqual(["udp 203.0.113.9:1", "tcp -"]);
    expect(gatewayConditions(result)[1]).toBe(UNASSIGNED);
  });

  it.each([
    ["another type", [{ type: "NamedAddress", value: "pool" }], "NamedAddress"],
    ["another type in second place", [{ value: "203.0.113.9" }, { type: "example.com/pool", value: "x" }], "example.com/pool"],
  ])("%s is UnsupportedAddress, and no address is told", (_, addresses, type) => {
    const result = rendered([gateway(undefined, { addresses }), ownedService({}, [{ ip: "203.0.113.1" }])]);
    expect(gatewayConditions(result)).toEqual(["Accepted=False/UnsupportedAddress", UNASSIGNED]);
    expect(publicLines(result)).toEqual(["udp -"]);
    expect(addressesOf(result)).toEqual([]);
    const message = `address type ${type} is not supported; accepted: IPAddress, Hostname`;
    expect(result.problems).toEqual([
      { severity: "error", object: "Gateway media/gw", field: "spec.addresses", reason: "UnsupportedAddress", message },
    ]);
    expect(result.statuses.find((one) => one.kind === "Gateway")?.status.conditions?.[0]?.message).toBe(message);
  });
});

const programmed = (...values: (string | undefined)[]) => {
  const addresses = values.map((value) => (value === undefined ? { type: "IPAddress" } : { type: "IPAddress", value }));
  const result = rendered([gateway(undefined, { addresses }), ownedService({}, [{ ip: "203.0.113.1" }])]);
  return conditionOf(statusOf(result, "Gateway", "media/gw")?.conditions, "Programmed");
};

// spec/resources.md 2.7: a Service takes one address; improvements I45 for the others.
describe("further addresses", () => {
  it("are told as not usable", () => {
    expect(programmed("203.0.113.2", "203.0.113.3", "203.0.113.4")).toMatchObject({
      status: "False",
      reason: "AddressNotUsable",
      message: "a Service takes one address; not used: 203.0.113.3, 203.0.113.4",
    });
  });

  it.each([
    ["one address", ["203.0.113.2"]],
    ["none", []],
    ["one without value", [undefined]],
    ["one and others without value", ["203.0.113.2", undefined]],
  ])("are not there: %s", (_, values) => {
    expect(programmed(...values)).toMatchObject({ status: "True", reason: "Programmed" });
  });

  it("come after the lack of an address", () => {
    const gw = annotated(
      {},
      [listener("udp", 1, "UDP"), listener("tcp", 2, "TCP")],
      { addresses: [{ value: "203.0.113.2" }, { value: "203.0.113.3" }] },
    );
    expect(gatewayConditions(rendered([gw]))[1]).toBe(UNASSIGNED);
  });
});

it("each type in spec.addresses that is not supported is named", () => {
  const addresses = [
    { type: "NamedAddress", value: "pool" },
    { type: "example.com/pool", value: "x" },
  ];
  const result = rendered([gateway(undefined, { addresses })]);
  expect(result.problems).toHaveLength(2);
  expect(acceptedMessage(result)).toBe("address type NamedAddress, example.com/pool is not supported; accepted: IPAddress, Hostname");
});

// spec/rendering.md 5.7 rule 2; edge cases 42 to 44.
describe("the load balancer's ingress", () => {
  it.each([
    ["an address", [{ ip: "203.0.113.1" }], ["udp 203.0.113.1:1", "tcp 203.0.113.1:2"], ["IPAddress 203.0.113.1"]],
    ["a host name", [{ hostname: "lb.example.com" }], ["udp lb.example.com:1", "tcp lb.example.com:2"], ["Hostname lb.example.com"]],
    [
      "both, of which the address counts",
      [{ ip: "203.0.113.1", hostname: "x" }],
      ["udp 203.0.113.1:1", "tcp 203.0.113.1:2"],
      ["IPAddress 203.0.113.1"],
    ],
    [
      "two, of which the first counts",
      [{ ip: "203.0.113.1" }, { ip: "203.0.113.2" }],
      ["udp 203.0.113.1:1", "tcp 203.0.113.1:2"],
      ["IPAddress 203.0.113.1"],
    ],
    [
      "an empty address beside a host name",
      [{ ip: "", hostname: "lb.example.com" }],
      ["udp lb.example.com:1", "tcp lb.example.com:2"],
      ["Hostname lb.example.com"],
    ],
    ["neither", [{}], ["udp -", "tcp -"], []],
    ["nothing in the first of two", [{}, { ip: "203.0.113.2" }], ["udp -", "tcp -"], []],
    ["none", [], ["udp -", "tcp -"], []],
    [
      "ports by place: the second entry has the second port",
      [{ ip: "203.0.113.1", ...ports([1, "UDP"]) }, { ip: "203.0.113.2", ...ports([1, "UDP"], [2, "TCP"]) }],
      ["udp 203.0.113.1:1", "tcp 203.0.113.2:2"],
      ["IPAddress 203.0.113.1", "IPAddress 203.0.113.2"],
    ],
    [
      "a host name with ports",
      [{ ip: "203.0.113.1" }, { hostname: "lb.example.com", ...ports([1, "UDP"]) }],
      ["udp lb.example.com:1", "tcp 203.0.113.1:2"],
      ["Hostname lb.example.com", "IPAddress 203.0.113.1"],
    ],
    [
      "ports and nothing else, which is passed over",
      [{ ...ports([1, "UDP"]) }, { ip: "203.0.113.2", ...ports([1, "UDP"]) }],
      ["udp 203.0.113.2:1", "tcp -"],
      ["IPAddress 203.0.113.2"],
    ],
    [
      "ports of another number",
      [{ ip: "203.0.113.1", ...ports([9, "UDP"], [9, "TCP"]) }, { ip: "203.0.113.2" }],
      ["udp 203.0.113.1:1", "tcp 203.0.113.1:2"],
      ["IPAddress 203.0.113.1"],
    ],
    [
      "ports of another protocol, before those that are right",
      [{ ip: "203.0.113.1", ...ports([1, "TCP"]) }, { ip: "203.0.113.2", ...ports([1, "UDP"]) }],
      ["udp 203.0.113.2:1", "tcp 203.0.113.1:2"],
      ["IPAddress 203.0.113.2", "IPAddress 203.0.113.1"],
    ],
    [
      "ports in another order, before those that are right",
      [{ ip: "203.0.113.1", ...ports([2, "TCP"], [1, "UDP"]) }, { ip: "203.0.113.2", ...ports([1, "UDP"], [2, "TCP"]) }],
      ["udp 203.0.113.2:1", "tcp 203.0.113.2:2"],
      ["IPAddress 203.0.113.2"],
    ],
  ])("%s", (_, ingress, lines, addresses) => {
    const result = rendered([two(), ownedService({}, ingress)]);
    expect(publicLines(result)).toEqual(lines);
    expect(addressesOf(result)).toEqual(addresses);
    expect(gatewayConditions(result)[1]).toBe(lines.some((line) => line.endsWith("-")) ? UNASSIGNED : PROGRAMMED);
  });

  it.each(["ClusterIP", "NodePort", "ExternalName"])("does not count for type %s (edge case 40)", (type) => {
    const result = rendered([two(typed(type)), ownedService({ type }, [{ ip: "203.0.113.1" }])]);
    expect(publicLines(result)).toEqual(["udp -", "tcp -"]);
  });

  it("is looked up in what is desired, so that one pass is enough: ports that the live Service has not yet", () => {
    const live = ownedService({ type: "ClusterIP", ports: [] }, [{ ip: "203.0.113.1" }]);
    expect(publicLines(rendered([two(), live]))).toEqual(["udp 203.0.113.1:1", "tcp 203.0.113.1:2"]);
  });
});

// spec/rendering.md 5.7 rule 3; edge cases 41, 45, 46; improvements I47.
describe("the address of a node", () => {
  const live = ownedService(nodePort(30_478));
  const withNodes = (...nodes: Fields[][]) => rendered([gateway(), live, ...nodes.map((addresses, index) => node(`n${index}`, addresses))]);

  it.each([
    [
      "its ExternalIP",
      [[{ type: "InternalIP", address: "10.0.0.1" }, { type: "ExternalIP", address: "198.51.100.7" }]],
      "IPAddress 198.51.100.7",
    ],
    ["an IPv6 address, without brackets", [[{ type: "ExternalIP", address: "2001:db8::7" }]], "IPAddress 2001:db8::7"],
    ["its ExternalDNS name", [[{ type: "ExternalDNS", address: "n1.example.com" }]], "Hostname n1.example.com"],
    [
      "ExternalIP before ExternalDNS",
      [[{ type: "ExternalDNS", address: "n1.example.com" }, { type: "ExternalIP", address: "198.51.100.7" }]],
      "IPAddress 198.51.100.7",
    ],
    [
      "ExternalDNS where ExternalIP is empty",
      [[{ type: "ExternalIP", address: "" }, { type: "ExternalDNS", address: "n1.example.com" }]],
      "Hostname n1.example.com",
    ],
    [
      "the first of several",
      [[{ type: "ExternalIP", address: "198.51.100.7" }, { type: "ExternalIP", address: "198.51.100.8" }]],
      "IPAddress 198.51.100.7",
    ],
    [
      "the first node, by name, that has one",
      [
        [{ type: "InternalIP", address: "10.0.0.1" }],
        [{ type: "ExternalIP", address: "198.51.100.8" }],
        [{ type: "ExternalIP", address: "198.51.100.9" }],
      ],
      "IPAddress 198.51.100.8",
    ],
  ])("%s", (_, nodes, wanted) => {
    const result = withNodes(...nodes);
    expect(addressesOf(result)).toEqual([wanted]);
    expect(publicLines(result)).toEqual([`udp ${wanted.split(" ")[1]}:30478`]);
  });

  it.each([
    ["no external address", [[{ type: "InternalIP", address: "10.0.0.1" }, { type: "Hostname", address: "n1" }]]],
    ["no addresses", [[]]],
    ["no node", []],
  ])("is missing: %s", (_, nodes) => {
    const result = withNodes(...nodes);
    expect(addressesOf(result)).toEqual([]);
    expect(result.statuses.find((one) => one.kind === "Gateway")?.status).not.toHaveProperty("addresses");
    expect(gatewayConditions(result)[1]).toBe(UNASSIGNED);
  });

  it("is missing for a node without status", () => {
    expect(addressesOf(rendered([gateway(), live, { ...node("n", []), status: undefined }]))).toEqual([]);
  });

  it.each([
    ["LoadBalancer", ["udp 198.51.100.7:30478"]],
    ["NodePort", ["udp 198.51.100.7:30478"]],
    ["ClusterIP", ["udp -"]],
    ["ExternalName", ["udp -"]],
  ])("for type %s: %j", (type, lines) => {
    expect(publicLines(rendered([annotated(typed(type)), ownedService({ type, ...nodePort(30_478) }), NODE]))).toEqual(lines);
  });

  it.each([
    ["a node port of zero", nodePort(0)],
    ["no node port", {}],
    ["a node port of another number", { ports: [{ name: "x", protocol: "UDP", port: 1, nodePort: 30_000 }] }],
    ["a node port of the other transport", { ports: [{ name: "x", protocol: "TCP", port: 3478, nodePort: 30_000 }] }],
    ["a node port without protocol, which is TCP", { ports: [{ name: "x", port: 3478, nodePort: 30_000 }] }],
    ["no ports", { ports: undefined }],
  ])("needs a node port of the listener: %s", (_, spec) => {
    expect(publicLines(rendered([gateway(), ownedService(spec), NODE]))).toEqual(["udp -"]);
  });

  it("takes the node port by port and protocol too, where the live port has another name", () => {
    const spec = { ports: [{ name: "old", protocol: "UDP", port: 3478, nodePort: 30_478 }] };
    expect(publicLines(rendered([gateway(), ownedService(spec), NODE]))).toEqual(["udp 198.51.100.7:30478"]);
    const tcp = { ports: [{ name: "old", port: 3478, nodePort: 30_478 }] };
    expect(publicLines(rendered([gateway([listener("t", 3478, "TCP")]), ownedService(tcp), NODE]))).toEqual(["t 198.51.100.7:30478"]);
  });

  it("comes after the load balancer's", () => {
    expect(
      publicLines(rendered([gateway(), ownedService(nodePort(30_478), [{ ip: "203.0.113.1" }]), NODE])),
    ).toEqual(["udp 203.0.113.1:3478"]);
  });

  it("knows the node port that an annotation asks for", () => {
    expect(publicLines(rendered([annotated({ "stunner.l7mp.io/nodeport": '"udp":30001' }), NODE]))).toEqual(["udp 198.51.100.7:30001"]);
  });
});

describe("a Service of ours under another name", () => {
  const other = ownedService({}, [{ ip: "203.0.113.5" }], "media/other", "media/gw");
  const CLASS_IP = typed("ClusterIP");

  it("exposes the Gateway that it belongs to", () => {
    expect(publicLines(rendered([annotated(CLASS_IP), other]))).toEqual(["udp 203.0.113.5:3478"]);
  });

  it("does not where a Gateway has that name: it is that one's from this pass on", () => {
    expect(publicLines(rendered([annotated(CLASS_IP), gateway(undefined, {}, "media/other"), other]))).toEqual(["udp -"]);
  });
});
