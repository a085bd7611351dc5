import { describe, expect, it } from "vitest";
import { annotated, gateway, listener, rendered, route } from "./builders.ts";
import {
  attachedRoutes,
  conditionOf,
  gatewayConditions,
  LISTENER_OK,
  listenerConditions,
  listenerLines,
  listenerStatusOf,
  listenersOf,
  servicePorts,
} from "./reading.ts";

const UNSUPPORTED = [
  "Accepted=False/UnsupportedProtocol",
  "Conflicted=False/NoConflicts",
  "ResolvedRefs=True/ResolvedRefs",
  "Programmed=False/Invalid",
];
const CONFLICTED = [
  "Accepted=False/PortUnavailable",
  "Conflicted=True/ProtocolConflict",
  "ResolvedRefs=True/ResolvedRefs",
  "Programmed=False/Invalid",
];
const PORT_MESSAGE = (port: string) => `${port} is already in use; give each listener of a transport a port of its own`;
const mixed = { "stunner.l7mp.io/enable-mixed-protocol-lb": "true" };

// spec/rendering.md 5.5, 7.1.
describe("a rendered listener", () => {
  it("has its keys in order", () => {
    const result = rendered([
      gateway([listener("udp", 3478, "UDP")], { addresses: [{ value: "203.0.113.1" }] }),
      route([], {}, "media/b"),
      route([], {}, "media/a"),
    ]);
    expect(JSON.stringify(listenersOf(result))).toBe(
      '[{"name":"media/gw/udp","protocol":"TURN-UDP","public_address":"203.0.113.1","public_port":3478,' +
        '"address":"$STUNNER_ADDR","port":3478,"routes":["media/a","media/b"]}]',
    );
  });

  it("leaves out what is empty", () => {
    expect(JSON.stringify(listenersOf(rendered([gateway()])))).toBe(
      '[{"name":"media/gw/udp","protocol":"TURN-UDP","address":"$STUNNER_ADDR","port":3478}]',
    );
  });

  it("stands in spec order, its routes ascending, native ones and others together", () => {
    const result = rendered([gateway([listener("z", 1, "UDP"), listener("a", 2, "UDP")])]);
    expect(listenerLines(result)).toEqual(["z TURN-UDP:1", "a TURN-UDP:2"]);
  });

  it("never has cert or key without TLS (I36)", () => {
    const withTls = listener("udp", 3478, "TURN-UDP", { tls: { certificateRefs: [{ name: "any" }] } });
    const [one] = listenersOf(rendered([gateway([withTls])]));
    expect(one).not.toHaveProperty("cert");
    expect(one).not.toHaveProperty("key");
  });
});

// spec/rendering.md 5.8; improvements I22.
describe("status of a listener", () => {
  it("that is in order", () => {
    expect(listenerStatusOf(rendered([gateway()]), "udp")).toEqual({
      name: "udp",
      supportedKinds: [
        { group: "gateway.networking.k8s.io", kind: "UDPRoute" },
        { group: "stunner.l7mp.io", kind: "UDPRoute" },
      ],
      attachedRoutes: 0,
      conditions: [
        { type: "Accepted", status: "True", reason: "Accepted", message: "listener accepted", observedGeneration: 7 },
        { type: "Conflicted", status: "False", reason: "NoConflicts", message: "no conflicts", observedGeneration: 7 },
        { type: "ResolvedRefs", status: "True", reason: "ResolvedRefs", message: "all references resolved", observedGeneration: 7 },
        {
          type: "Programmed",
          status: "True",
          reason: "Programmed",
          message: "listener is in the dataplane configuration",
          observedGeneration: 7,
        },
      ],
    });
  });

  it("that is of no generation", () => {
    const [accepted] = listenerStatusOf(rendered([gateway(undefined, {}, "media/gw", { generation: undefined })]), "udp").conditions;
    expect(accepted).not.toHaveProperty("observedGeneration");
  });
});

const rendering = () => rendered([gateway([listener("web", 80, "HTTP"), listener("udp", 3478, "UDP")]), route()]);

// Edge cases 24, 25; improvements I38.
describe("an unsupported protocol", () => {
  const message = 'protocol "HTTP" is not supported; accepted: TURN-UDP, TURN-TCP, TURN-TLS, TURN-DTLS, UDP, TCP, TLS, DTLS';

  it("is told and nothing attaches to it", () => {
    const result = rendering();
    expect(listenerLines(result)).toEqual(["udp TURN-UDP:3478"]);
    expect(listenerConditions(result, "web")).toEqual(UNSUPPORTED);
    expect(listenerStatusOf(result, "web").supportedKinds).toEqual([]);
    expect(attachedRoutes(result)).toEqual(["web=0", "udp=1"]);
    expect(listenerConditions(result, "udp")).toEqual(LISTENER_OK);
    const { conditions } = listenerStatusOf(result, "web");
    expect(conditions.map((one) => one.message)).toEqual([message, "no conflicts", "all references resolved", message]);
    expect(result.problems).toContainEqual({
      severity: "error",
      object: "Gateway media/gw",
      field: "spec.listeners[0].protocol",
      reason: "UnsupportedProtocol",
      message,
    });
  });

  it("makes the Gateway ListenersNotValid, False where no listener is good", () => {
    const result = rendering();
    expect(gatewayConditions(result)[0]).toBe("Accepted=True/ListenersNotValid");
    expect(gatewayConditions(rendered([gateway([listener("web", 80, "HTTP")])]))[0]).toBe("Accepted=False/ListenersNotValid");
  });

  it("neither reserves a port nor conflicts", () => {
    const same = rendered([
      gateway([listener("web", 80, "HTTP"), listener("udp", 80, "UDP"), listener("sctp", 80, "SCTP"), listener("tcp", 80, "TCP")]),
    ]);
    expect(listenerLines(same)).toEqual(["udp TURN-UDP:80", "tcp TURN-TCP:80"]);
    expect(listenerConditions(same, "sctp")).toEqual(UNSUPPORTED);
  });
});

// spec/rendering.md 5.2; improvements I5, I14.
describe("ports of one Gateway", () => {
  it("belong to the first listener of a transport", () => {
    const listeners = [
      listener("u1", 1, "UDP"),
      listener("u2", 2, "udp"),
      listener("u3", 1, "Turn-Udp"),
      listener("t1", 1, "TCP"),
      listener("t2", 2, "TURN-TCP"),
      listener("t3", 1, "tcp"),
      listener("u4", 2, "TURN-UDP"),
    ];
    const result = rendered([annotated(mixed, listeners), route()]);
    expect(listenerLines(result)).toEqual(["u1 TURN-UDP:1", "u2 TURN-UDP:2", "t1 TURN-TCP:1", "t2 TURN-TCP:2"]);
    for (const name of ["u3", "t3", "u4"]) expect(listenerConditions(result, name)).toEqual(CONFLICTED);
    for (const name of ["u1", "u2", "t1", "t2"]) expect(listenerConditions(result, name)).toEqual(LISTENER_OK);
    expect(attachedRoutes(result)).toEqual(["u1=1", "u2=1", "u3=1", "t1=1", "t2=1", "t3=1", "u4=1"]);
    expect(servicePorts(result)).toEqual(["u1 UDP 1>1", "u2 UDP 2>2", "t1 TCP 1>1", "t2 TCP 2>2"]);
    expect(gatewayConditions(result)[0]).toBe("Accepted=True/ListenersNotValid");
    expect(conditionOf(listenerStatusOf(result, "u3").conditions, "Accepted").message).toBe(PORT_MESSAGE("UDP port 1"));
    expect(conditionOf(listenerStatusOf(result, "t3").conditions, "Conflicted").message).toBe(PORT_MESSAGE("TCP port 1"));
    expect(conditionOf(listenerStatusOf(result, "t3").conditions, "Programmed").message).toBe(PORT_MESSAGE("TCP port 1"));
    expect(result.problems.map((one) => `${one.field} ${one.reason}`)).toEqual([
      "spec.listeners[2].port PortUnavailable",
      "spec.listeners[5].port PortUnavailable",
      "spec.listeners[6].port PortUnavailable",
    ]);
  });

  it("are not looked at across Gateways", () => {
    const result = rendered([gateway(), gateway(undefined, {}, "media/other")]);
    expect(result.problems).toEqual([]);
    expect(listenerLines(result, "media/other")).toEqual(["udp TURN-UDP:3478"]);
  });

  it("are apart whatever the hostname", () => {
    const result = rendered([
      gateway([listener("a", 1, "TLS", { hostname: "a.example.com" }), listener("b", 1, "TCP", { hostname: "b.example.com" })]),
    ]);
    expect(listenerConditions(result, "b")).toEqual(CONFLICTED);
  });
});

const target = (map: string, ...listeners: Parameters<typeof listener>[]) =>
  rendered([annotated({ ...mixed, "stunner.l7mp.io/targetport": map }, listeners.map((one) => listener(...one)))]);

// spec/rendering.md 5.6, edge case 48; spec/resources.md 2.4.6; improvements I36.
describe("target ports", () => {
  it("are what stunnerd listens on", () => {
    const result = target('{"a":11,"ghost":12}', ["a", 1, "UDP"], ["b", 2, "UDP"]);
    expect(listenerLines(result)).toEqual(["a TURN-UDP:11", "b TURN-UDP:2"]);
    expect(servicePorts(result)).toEqual(["a UDP 1>11", "b UDP 2>2"]);
  });

  it.each([
    [1, 1],
    [65_535, 65_535],
    [0, 5],
    [-1, 5],
    [65_536, 5],
  ])("%d is %d", (port, wanted) => {
    const result = target(`{"a":${port}}`, ["a", 5, "UDP"]);
    expect(listenerLines(result)).toEqual([`a TURN-UDP:${wanted}`]);
    expect(servicePorts(result)).toEqual([`a UDP 5>${wanted}`]);
    const problem = {
      severity: "warning",
      object: "Gateway media/gw",
      field: "metadata.annotations[stunner.l7mp.io/targetport]",
      reason: "InvalidAnnotation",
      message: `port ${port} of "a" is ignored; accepted: 1 to 65535`,
    };
    expect(result.problems).toEqual(port === wanted ? [] : [problem]);
    expect(listenerConditions(result, "a")).toEqual(LISTENER_OK);
  });

  it("conflict like ports do: two listeners cannot bind one", () => {
    const result = target('{"b":1}', ["a", 1, "UDP"], ["b", 2, "UDP"], ["c", 1, "TCP"]);
    expect(listenerLines(result)).toEqual(["a TURN-UDP:1", "c TURN-TCP:1"]);
    expect(listenerConditions(result, "b")).toEqual(CONFLICTED);
    expect(conditionOf(listenerStatusOf(result, "b").conditions, "Accepted").message).toBe(PORT_MESSAGE("UDP port 1"));
  });

  it("that are ignored do not take the place of a conflict in the messages", () => {
    const result = target('{"b":70000}', ["a", 1, "UDP"], ["b", 1, "UDP"]);
    expect(listenerConditions(result, "b")).toEqual(CONFLICTED);
    const [accepted, conflict, , programmed] = listenerStatusOf(result, "b").conditions;
    expect([accepted?.message, conflict?.message, programmed?.message]).toEqual([1, 2, 3].map(() => PORT_MESSAGE("UDP port 1")));
  });

  it("leave the listener's own port reserved, as the Service has it", () => {
    const result = target('{"a":11}', ["a", 1, "UDP"], ["b", 1, "UDP"]);
    expect(listenerLines(result)).toEqual(["a TURN-UDP:11"]);
    expect(listenerConditions(result, "b")).toEqual(CONFLICTED);
  });

  it("may take the port that another listener's target left", () => {
    const result = target('{"a":2,"b":1}', ["a", 1, "UDP"], ["b", 2, "UDP"]);
    expect(listenerLines(result)).toEqual(["a TURN-UDP:2", "b TURN-UDP:1"]);
  });
});

// improvements I23, I36.
describe("relay address discovery", () => {
  it.each([
    ["true", "__node_address_placeholder"],
    ["TRUE", "__node_address_placeholder"],
    ["false", "$STUNNER_ADDR"],
  ])("%s: %s", (value, address) => {
    const result = rendered([annotated({ "stunner.l7mp.io/enable-relay-address-discovery": value })]);
    expect(listenersOf(result).map((one) => one.address)).toEqual([address]);
    expect(result.problems).toEqual([]);
  });

  it("does nothing in legacy mode, where it is told", () => {
    const result = rendered([annotated({ "stunner.l7mp.io/enable-relay-address-discovery": "true" })], { mode: "legacy" });
    expect(result.objects.find((one) => one.kind === "ConfigMap")).toMatchObject({
      data: { "stunnerd.conf": expect.stringContaining('"address":"$STUNNER_ADDR"') },
    });
    expect(result.problems).toEqual([
      {
        severity: "warning",
        object: "Gateway media/gw",
        field: "metadata.annotations",
        reason: "RelayAddressDiscovery",
        message: "relay address discovery needs managed mode: nothing puts a node's address into a ConfigMap",
      },
    ]);
  });
});
