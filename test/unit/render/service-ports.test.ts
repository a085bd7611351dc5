import { describe, expect, it } from "vitest";
import { annotated, gateway, gatewayConfig, listener, ownedService, rendered, tlsListener, type Fields } from "./builders.ts";
import { gatewayConditions, LISTENER_OK, listenerConditions, listenerLines, publicLines, servicePorts } from "./reading.ts";

const key = (name: string) => `stunner.l7mp.io/${name}`;
const MIXED = { [key("enable-mixed-protocol-lb")]: "true" };
const HEALTH = {
  "service.beta.kubernetes.io/aws-load-balancer-healthcheck-port": "8080",
  "service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol": "HTTP",
};
const inherited = (annotations: Record<string, string>) => gatewayConfig({
  userName: "a",
  password: "b",
  loadBalancerServiceAnnotations: annotations,
});
const BOTH = [listener("udp", 1, "UDP"), listener("tcp", 2, "TCP")];

// spec/resources.md 2.4, edge cases 2 to 6; spec/rendering.md 5.6, edge cases 23, 24.
describe("mixed protocols", () => {
  it.each([
    ["absent", {}, {}, ["udp UDP 1>1"]],
    ["true on the Gateway", MIXED, {}, ["udp UDP 1>1", "tcp TCP 2>2"]],
    ["TRUE on the Gateway", { [key("enable-mixed-protocol-lb")]: "TRUE" }, {}, ["udp UDP 1>1", "tcp TCP 2>2"]],
    ["true in the GatewayConfig", {}, MIXED, ["udp UDP 1>1", "tcp TCP 2>2"]],
    ["dummy", { [key("enable-mixed-protocol-lb")]: "dummy" }, {}, ["udp UDP 1>1"]],
    ["true in the GatewayConfig, false on the Gateway", { [key("enable-mixed-protocol-lb")]: "false" }, MIXED, ["udp UDP 1>1"]],
  ])("%s", (_, ofGateway, ofConfig, ports) => {
    expect(servicePorts(rendered([annotated(ofGateway, BOTH), inherited(ofConfig)]))).toEqual(ports);
  });

  it("leave a listener of the other transport without a port but in the config", () => {
    const result = rendered([annotated({}, BOTH, { addresses: [{ value: "203.0.113.1" }] })]);
    expect(listenerLines(result)).toEqual(["udp TURN-UDP:1", "tcp TURN-TCP:2"]);
    expect(publicLines(result)).toEqual(["udp 203.0.113.1:1", "tcp -"]);
    expect(listenerConditions(result, "tcp")).toEqual(LISTENER_OK);
    expect(gatewayConditions(result)).toEqual(["Accepted=True/Accepted", "Programmed=False/AddressNotAssigned"]);
  });

  it("are decided by the first listener that is valid", () => {
    const listeners = [
      listener("web", 1, "HTTP"),
      listener("tcp", 2, "TURN-TCP"),
      listener("udp", 3, "UDP"),
      tlsListener("tls", 4, "TLS", []),
    ];
    expect(servicePorts(rendered([gateway(listeners)]))).toEqual(["tcp TCP 2>2", "tls TCP 4>4"]);
    const dtls = [tlsListener("dtls", 2, "DTLS", []), listener("udp", 3, "UDP"), listener("tcp", 1, "TCP")];
    expect(servicePorts(rendered([gateway(dtls)]))).toEqual(["dtls UDP 2>2", "udp UDP 3>3"]);
  });

  it("pass over a conflicted listener", () => {
    // 8086 is stunnerd's own, so the first listener is out and UDP decides.
    expect(servicePorts(rendered([gateway([listener("tcp", 8086, "TCP"), listener("udp", 1, "UDP")])]))).toEqual(["udp UDP 1>1"]);
  });
});

const live = (ports: Fields[], type = "LoadBalancer") => ownedService({ type, ports });

// spec/resources.md 2.4.4 to 2.4.8, edge cases 21 to 26; improvements I26.
describe("node ports", () => {
  const PORTS = [
    { name: "tcp", protocol: "TCP", port: 2, targetPort: 9, nodePort: 30_002 },
    { name: "dummy", protocol: "UDP", port: 7, nodePort: 30_007 },
    { name: "udp", protocol: "UDP", port: 99, targetPort: 9, nodePort: 30_001 },
  ];

  it("stay with the name of the port, target ports follow the listener", () => {
    const result = rendered([annotated(MIXED, [...BOTH, listener("new", 3, "UDP")]), live(PORTS)]);
    expect(servicePorts(result)).toEqual(["udp UDP 1>1@30001", "tcp TCP 2>2@30002", "new UDP 3>3"]);
  });

  it.each([
    ["NodePort", ["udp UDP 1>1@30001"]],
    ["LoadBalancer", ["udp UDP 1>1@30001"]],
    ["ClusterIP", ["udp UDP 1>1"]],
    ["ExternalName", ["udp UDP 1>1"]],
  ])("are kept for type %s: %j", (type, ports) => {
    expect(servicePorts(rendered([annotated({ [key("service-type")]: type }, [listener("udp", 1, "UDP")]), live(PORTS)]))).toEqual(ports);
  });

  it.each([
    ["zero", live([{ name: "udp", protocol: "UDP", port: 1, nodePort: 0 }])],
    ["absent", live([{ name: "udp", protocol: "UDP", port: 1 }])],
    ["of no port", { ...ownedService(), spec: { type: "LoadBalancer" } }],
    ["of no spec", { ...ownedService(), spec: undefined }],
  ])("that are %s are left out", (_, service) => {
    expect(servicePorts(rendered([gateway([listener("udp", 1, "UDP")]), service]))).toEqual(["udp UDP 1>1"]);
  });

  it("are what the annotation says, before what is live", () => {
    const result = rendered([annotated({ ...MIXED, [key("nodeport")]: '{"udp":30111,"ghost":30999}' }, BOTH), live(PORTS)]);
    expect(servicePorts(result)).toEqual(["udp UDP 1>1@30111", "tcp TCP 2>2@30002"]);
  });

  it.each([
    ["in the GatewayConfig", {}, { [key("nodeport")]: '"udp":30111' }, ["udp UDP 1>1@30111"]],
    [
      "malformed in the GatewayConfig, good on the Gateway",
      { [key("nodeport")]: '{"udp":30111}' },
      { [key("nodeport")]: "dummy" },
      ["udp UDP 1>1@30111"],
    ],
    ["malformed", { [key("nodeport")]: '{"udp":"30111"}' }, {}, ["udp UDP 1>1"]],
    ["empty", { [key("nodeport")]: "" }, { [key("nodeport")]: '{"udp":30111}' }, ["udp UDP 1>1"]],
    ["out of range, which is ignored", { [key("nodeport")]: '{"udp":99999}' }, {}, ["udp UDP 1>1"]],
  ])("by annotation %s", (_, ofGateway, ofConfig, ports) => {
    expect(servicePorts(rendered([annotated(ofGateway, [listener("udp", 1, "UDP")]), inherited(ofConfig)]))).toEqual(ports);
  });
});

const udp = (annotations: Record<string, string>, ofConfig: Record<string, string> = {}) =>
  servicePorts(rendered([annotated(annotations, [listener("udp", 1, "UDP")]), inherited(ofConfig)]));

// spec/resources.md 2.5, edge cases 8 to 12.
describe("the health-check port", () => {
  const PORT = "gateway-health-check TCP 8080>8080";

  it.each([
    ["on the Gateway", HEALTH, {}, true],
    ["in the GatewayConfig", {}, HEALTH, true],
    ["disabled", { [key("disable-health-check-expose")]: "true" }, HEALTH, false],
    ["disabled in capitals", { [key("disable-health-check-expose")]: "TRUE" }, HEALTH, false],
    ["not disabled", { [key("disable-health-check-expose")]: "false" }, HEALTH, true],
    ["disabled in the GatewayConfig", HEALTH, { [key("disable-health-check-expose")]: "true" }, false],
    ["for a NodePort", { [key("service-type")]: "NodePort" }, HEALTH, false],
    ["for a ClusterIP", { [key("service-type")]: "ClusterIP" }, HEALTH, false],
    [
      "for a protocol that cannot be probed",
      {},
      { ...HEALTH, "service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol": "UDP" },
      false,
    ],
    [
      "for such a protocol that the Gateway overrides",
      HEALTH,
      { "service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol": "UDP" },
      true,
    ],
  ])("%s: %s", (_, ofGateway, ofConfig, isThere) => {
    expect(udp(ofGateway, ofConfig)).toEqual(["udp UDP 1>1", ...(isThere ? [PORT] : [])]);
  });

  it("comes last", () => {
    expect(servicePorts(rendered([annotated({ ...HEALTH, ...MIXED }, BOTH)]))).toEqual(["udp UDP 1>1", "tcp TCP 2>2", PORT]);
  });

  it("has no node port of its own, also where a live one has", () => {
    const old = ownedService({ ports: [{ name: "gateway-health-check", protocol: "TCP", port: 8080, nodePort: 30_080 }] });
    expect(servicePorts(rendered([annotated(HEALTH, [listener("udp", 1, "UDP")]), old]))).toEqual(["udp UDP 1>1", PORT]);
  });

  it.each([
    ["a listener of its name", listener("gateway-health-check", 5, "UDP"), ["gateway-health-check UDP 5>5"]],
    ["a TCP listener on its port", listener("tcp", 8080, "TCP"), ["tcp TCP 8080>8080"]],
  ])("gives way to %s", (_, one, ports) => {
    expect(servicePorts(rendered([annotated(HEALTH, [one])]))).toEqual(ports);
  });

  it("gives way to any of several ports", () => {
    const listeners = [listener("udp", 1, "UDP"), listener("tcp", 8080, "TCP")];
    expect(servicePorts(rendered([annotated({ ...HEALTH, ...MIXED }, listeners)]))).toEqual(["udp UDP 1>1", "tcp TCP 8080>8080"]);
  });

  it("stands beside a UDP listener on its port", () => {
    expect(servicePorts(rendered([annotated(HEALTH, [listener("udp", 8080, "UDP")])]))).toEqual(["udp UDP 8080>8080", PORT]);
  });
});
