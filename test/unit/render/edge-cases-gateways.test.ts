import { describe } from "vitest";
import {
  annotated,
  dataplane,
  gateway,
  gatewayClass,
  gatewayConfig,
  grant,
  listener,
  node,
  ownedService,
  ownership,
  PARAMETERS_REF,
  route,
  secret,
  service,
  tlsListener,
  UDP,
  workload,
} from "./builders.ts";
import { check } from "./observe.ts";

const OK = ["Accepted=True/Accepted"];
const GOOD = ["Accepted=True/Accepted", "Programmed=True/Programmed"];
const NO_ADDRESS = ["Accepted=True/Accepted", "Programmed=False/AddressNotAssigned"];
const INVALID_LISTENER = ["Accepted=True/ListenersNotValid", "Programmed=False/AddressNotAssigned"];
const FAILED = ["Accepted=False/Pending", "Programmed=False/Invalid"];
const INVALID_CLASS = ["Accepted=False/InvalidParameters"];
const ROUTE_OK = ["gw Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs"];
const NOT_ALLOWED = ["gw Accepted=False/NotAllowedByListeners ResolvedRefs=True/ResolvedRefs"];
const live = [ownedService(), workload("Deployment")];
const teardown = { onInvalid: "teardown" as const };
const legacy = { mode: "legacy" as const };
const trust = { certificates: "trust" as const };
const conf = (spec: Record<string, unknown>) => gatewayConfig({ userName: "alice", password: "wonder", ...spec });
const ref = (data: Record<string, string>, type?: string) => [
  gateway(),
  gatewayConfig({ authRef: { name: "s" } }),
  secret("stunner-system/s", data, type),
];
const PAIR = { "tls.crt": "CERT", "tls.key": "KEY" };
const CERT = secret("media/cert", PAIR, "kubernetes.io/tls");
const tls = (...names: string[]) => gateway([UDP, tlsListener("tls", 443, "TLS", names.map((name) => ({ name })))]);
const EXTERNAL = node("n", [{ type: "ExternalIP", address: "198.51.100.7" }]);
const nodePorts = { ports: [{ name: "udp", protocol: "UDP", port: 3478, nodePort: 30_478 }] };
const BAD_CERT = "ResolvedRefs=False/InvalidCertificateRef";
const CONFLICT = "Accepted=False/PortUnavailable Conflicted=True/ProtocolConflict";
const UNSUPPORTED = "Accepted=False/UnsupportedProtocol";
const MIXED = { "stunner.l7mp.io/enable-mixed-protocol-lb": "true" };

// Numbers of spec/rendering.md 8; a rule of improvements.md in the title is what changes the outcome there.
describe("edge cases of classes and parameters", () => {
  check([
    {
      n: 1,
      title: "no class of this controller: no configs, nothing deleted",
      given: [gatewayClass({ controllerName: "example.com/x" }), gateway(), ...live],
      wanted: { class: [], gateway: [], configs: [], deletions: [], objects: [] },
    },
    {
      n: "1 (I9)",
      title: "a Gateway whose class went is an orphan that is held",
      given: [gateway([UDP], { gatewayClassName: "gone" }), ...live],
      wanted: { held: ["media/gw"], deletions: [], gateway: [] },
    },
    {
      n: 2,
      title: "a class of another controller",
      given: [gatewayClass({ controllerName: "example.com/x" }), gateway(), route()],
      wanted: { class: [], gateway: [], parents: [], configs: [] },
    },
    {
      n: "3 (I12)",
      title: "a class without parametersRef",
      given: [gatewayClass({ parametersRef: undefined }), gateway()],
      wanted: { class: INVALID_CLASS, gateway: FAILED },
    },
    {
      n: "4 (I10)",
      title: "GatewayConfig missing: held",
      given: [gatewayClass({ parametersRef: { ...PARAMETERS_REF, name: "x" } }), gateway(), route(), ...live],
      wanted: { class: INVALID_CLASS, gateway: FAILED, parents: ROUTE_OK, configs: [], held: ["media/gw"], deletions: [] },
    },
    {
      n: 4,
      title: "the same under teardown",
      given: [gatewayClass({ parametersRef: { ...PARAMETERS_REF, name: "x" } }), gateway(), route(), ...live],
      options: teardown,
      wanted: {
        class: INVALID_CLASS,
        gateway: FAILED,
        parents: ROUTE_OK,
        held: [],
        deletions: ["Deployment/media/gw", "Service/media/gw"],
      },
    },
    {
      n: 4,
      title: "Dataplane missing, teardown",
      given: [conf({ dataplane: "x" }), gateway(), ...live],
      options: teardown,
      wanted: { class: INVALID_CLASS, gateway: FAILED, deletions: ["Deployment/media/gw", "Service/media/gw"] },
    },
    {
      n: "5 (I11)",
      title: "legacy, GatewayConfig missing: the class says so",
      given: [gatewayClass({ parametersRef: { ...PARAMETERS_REF, name: "x" } }), gateway()],
      options: legacy,
      wanted: { class: INVALID_CLASS, gateway: FAILED, objects: [] },
    },
    {
      n: 6,
      title: "legacy, Dataplane missing",
      given: [conf({ dataplane: "x" }), gateway()],
      options: legacy,
      wanted: { class: OK, gateway: NO_ADDRESS },
    },
    {
      n: 7,
      title: "GatewayConfig in another namespace than the Gateway",
      given: [gateway([UDP], {}, "far/gw")],
      wanted: { class: OK, configs: ["far/gw"] },
    },
    {
      n: "8 (I10)",
      title: "inline static auth without password: held",
      given: [gatewayConfig({ userName: "x" }), gateway(), ...live],
      wanted: { class: OK, gateway: FAILED, configs: [], deletions: [], held: ["media/gw"] },
    },
    {
      n: 8,
      title: "the same under teardown",
      given: [gatewayConfig({ userName: "x" }), gateway(), ...live],
      options: teardown,
      wanted: { class: OK, gateway: FAILED, deletions: ["Deployment/media/gw", "Service/media/gw"] },
    },
    {
      n: "9 (I11)",
      title: "legacy, no password, teardown: the ConfigMap is written empty",
      given: [gatewayConfig({ userName: "x" }), gateway()],
      options: { ...legacy, ...teardown },
      wanted: { class: INVALID_CLASS, gateway: FAILED, objects: ["ConfigMap/stunner-system/stunnerd-config"] },
    },
    {
      n: "10 (I11)",
      title: "legacy, auth Secret gone: nothing is written under hold",
      given: [gatewayConfig({ authRef: { name: "x" } }), gateway()],
      options: legacy,
      wanted: { class: INVALID_CLASS, gateway: FAILED, objects: [] },
    },
    {
      n: 11,
      title: "authRef and inline: the Secret only",
      given: [gateway(), conf({ authRef: { name: "s" } }), secret("stunner-system/s", { username: "u", password: "p" })],
      wanted: { gateway: NO_ADDRESS },
      config: { auth: { credentials: { username: "u", password: "p" } } },
    },
    {
      n: 12,
      title: "authRef to a missing Secret: no fallback",
      given: [gateway(), conf({ authRef: { name: "s" } })],
      wanted: { gateway: FAILED, configs: [] },
    },
    {
      n: 13,
      title: "Secret without type: static",
      given: ref({ username: "u", password: "p", secret: "x" }),
      wanted: {},
      config: { auth: { type: "static", credentials: { username: "u", password: "p" } } },
    },
    {
      n: 14,
      title: "timewindowed with sharedSecret only",
      given: ref({ type: "timewindowed", sharedSecret: "x" }),
      wanted: {},
      config: { auth: { type: "ephemeral", credentials: { secret: "x" } } },
    },
    {
      n: 15,
      title: "type with a trailing newline",
      given: ref({ type: "static\n", username: "u", password: "p" }),
      wanted: { gateway: FAILED, reasons: ["InvalidAuthType"] },
    },
    { n: 15, title: "type in upper case", given: ref({ type: "STATIC", username: "u", password: "p" }), wanted: { gateway: FAILED } },
    { n: 15, title: "empty type", given: ref({ type: "", username: "u", password: "p" }), wanted: { gateway: FAILED } },
    {
      n: 16,
      title: "basic-auth Secret",
      given: ref({ username: "u", password: "p" }, "kubernetes.io/basic-auth"),
      wanted: { gateway: NO_ADDRESS },
      config: { auth: { type: "static" } },
    },
    {
      n: "17 (I15)",
      title: "type none is an error",
      given: ref({ type: "none" }),
      wanted: { gateway: FAILED, reasons: ["InvalidAuthType"] },
    },
    {
      n: 18,
      title: "empty logLevel and realm",
      given: [gateway(), conf({ logLevel: "", realm: "" })],
      wanted: {},
      config: { admin: { loglevel: "all:INFO" }, auth: { realm: "stunner.l7mp.io" } },
    },
    {
      n: 19,
      title: "disableHealthCheck",
      given: [gateway(), dataplane({ disableHealthCheck: true })],
      wanted: {},
      config: { admin: { healthcheck_endpoint: "" } },
    },
    {
      n: 20,
      title: "offloadEngine XDPfoo",
      given: [gateway(), gateway([UDP], {}, "media/b"), dataplane({ offloadEngine: "XDPfoo" })],
      wanted: { class: OK, gateway: FAILED, configs: [] },
    },
  ]);
});

describe("edge cases of listeners", () => {
  check([
    {
      n: 21,
      title: "zero listeners",
      given: [gateway([]), route()],
      wanted: { gateway: GOOD, addresses: [], listeners: [], objects: ["Deployment/media/gw"], parents: NOT_ALLOWED },
    },
    {
      n: 22,
      title: "no Service yet",
      given: [gateway()],
      wanted: { gateway: NO_ADDRESS, public: ["udp -"], ports: ["udp UDP 3478>3478"] },
    },
    {
      n: 23,
      title: "UDP and TCP, annotation not true",
      given: [annotated({ "stunner.l7mp.io/enable-mixed-protocol-lb": "yes" }, [UDP, listener("tcp", 3478, "TCP")])],
      wanted: { gateway: NO_ADDRESS, listeners: ["udp TURN-UDP:3478", "tcp TURN-TCP:3478"], ports: ["udp UDP 3478>3478"], bad: {} },
    },
    {
      n: "24 (I38)",
      title: "unsupported first, then TCP",
      given: [gateway([listener("x", 1, "SCTP"), listener("tcp", 3478, "TCP")])],
      wanted: { gateway: INVALID_LISTENER, ports: ["tcp TCP 3478>3478"], bad: { x: UNSUPPORTED } },
    },
    {
      n: "25 (I38)",
      title: "HTTP beside UDP",
      given: [gateway([listener("web", 80, "HTTP"), UDP]), route()],
      wanted: { gateway: INVALID_LISTENER, listeners: ["udp TURN-UDP:3478"], attached: ["web=0", "udp=1"], bad: { web: UNSUPPORTED } },
    },
    {
      n: "26 (I14)",
      title: "udp in lower case",
      given: [gateway([listener("udp", 1, "udp")])],
      wanted: { listeners: ["udp TURN-UDP:1"], bad: {} },
    },
    {
      n: "27 (I14)",
      title: "one port in three spellings",
      given: [gateway([listener("a", 1, "udp"), listener("b", 1, "turn-udp"), listener("c", 1, "UDP")])],
      wanted: { listeners: ["a TURN-UDP:1"], bad: { b: CONFLICT, c: CONFLICT } },
    },
    {
      n: 28,
      title: "eight listeners, four ports",
      given: [
        annotated(MIXED, [
          listener("l1", 1, "UDP"),
          listener("l2", 2, "UDP"),
          listener("l3", 1, "UDP"),
          tlsListener("l4", 1, "DTLS", [{ name: "cert" }]),
          listener("l5", 11, "TCP"),
          listener("l6", 12, "TCP"),
          listener("l7", 11, "TCP"),
          tlsListener("l8", 11, "TLS", [{ name: "cert" }]),
        ]),
        CERT,
        route(),
      ],
      options: trust,
      wanted: {
        listeners: ["l1 TURN-UDP:1", "l2 TURN-UDP:2", "l5 TURN-TCP:11", "l6 TURN-TCP:12"],
        bad: { l3: CONFLICT, l4: CONFLICT, l7: CONFLICT, l8: CONFLICT },
        attached: ["l1=1", "l2=1", "l3=1", "l4=1", "l5=1", "l6=1", "l7=1", "l8=1"],
        ports: ["l1 UDP 1>1", "l2 UDP 2>2", "l5 TCP 11>11", "l6 TCP 12>12"],
      },
    },
    {
      n: 29,
      title: "DTLS without certificate, then UDP on its port",
      given: [gateway([tlsListener("dtls", 1, "DTLS", [{ name: "x" }]), listener("udp", 1, "UDP")])],
      wanted: { listeners: [], bad: { dtls: BAD_CERT, udp: CONFLICT } },
    },
    {
      n: 30,
      title: "one number, two transports",
      given: [annotated(MIXED, [UDP, listener("tcp", 3478, "TCP")])],
      wanted: { listeners: ["udp TURN-UDP:3478", "tcp TURN-TCP:3478"], bad: {} },
    },
    {
      n: "31 (I38, I42)",
      title: "TLS Secret missing",
      given: [tls("cert"), route()],
      wanted: { gateway: INVALID_LISTENER, listeners: ["udp TURN-UDP:3478"], bad: { tls: BAD_CERT }, attached: ["udp=1", "tls=1"] },
    },
    {
      n: 31,
      title: "TLS Secret with tls.crt only",
      given: [tls("cert"), secret("media/cert", { "tls.crt": "CERT" })],
      options: trust,
      wanted: { bad: { tls: BAD_CERT } },
    },
    {
      n: 32,
      title: "Opaque TLS Secret",
      given: [tls("cert"), secret("media/cert", PAIR)],
      options: trust,
      wanted: { bad: {}, listeners: ["udp TURN-UDP:3478", "tls TURN-TLS:443"] },
    },
    {
      n: 32,
      title: "data keys cert and key",
      given: [tls("cert"), secret("media/cert", { cert: "CERT", key: "KEY" })],
      options: trust,
      wanted: { bad: {} },
      config: { listeners: [{}, { cert: "Q0VSVA==", key: "S0VZ" }] },
    },
    {
      n: 33,
      title: "missing, keyless, good",
      given: [tls("missing", "keyless", "cert"), secret("media/keyless", { "tls.crt": "X" }), CERT],
      options: trust,
      wanted: { bad: {} },
      config: { listeners: [{}, { cert: "Q0VSVA==" }] },
    },
    {
      n: 34,
      title: "certificateRef kind ConfigMap",
      given: [gateway([tlsListener("tls", 443, "TLS", [{ kind: "ConfigMap", name: "cert" }])]), CERT],
      options: trust,
      wanted: { listeners: [], bad: { tls: BAD_CERT } },
    },
    {
      n: "35 (I4)",
      title: "Passthrough",
      given: [gateway([tlsListener("tls", 443, "TURN-TLS", [{ name: "cert" }], { mode: "Passthrough" })]), CERT],
      options: trust,
      wanted: { listeners: [], bad: { tls: BAD_CERT } },
    },
    {
      n: "35 (I4)",
      title: "no tls",
      given: [gateway([listener("tls", 443, "TURN-TLS")])],
      wanted: { listeners: [], bad: { tls: BAD_CERT } },
    },
    {
      n: "35 (I4)",
      title: "no certificateRefs",
      given: [gateway([tlsListener("tls", 443, "TURN-TLS", [])])],
      wanted: { listeners: [], bad: { tls: BAD_CERT } },
    },
    {
      n: "36 (I49)",
      title: "TLS Secret of another namespace",
      given: [gateway([tlsListener("tls", 443, "TLS", [{ name: "cert", namespace: "far" }])]), secret("far/cert", PAIR)],
      options: trust,
      wanted: { listeners: ["tls TURN-TLS:443"], bad: {}, reasons: ["CrossNamespaceSecret"] },
    },
    {
      n: "36 (I20)",
      title: "the same, enforced",
      given: [gateway([tlsListener("tls", 443, "TLS", [{ name: "cert", namespace: "far" }])]), secret("far/cert", PAIR)],
      options: { ...trust, referenceGrants: "enforce" },
      wanted: { listeners: [], bad: { tls: "ResolvedRefs=False/RefNotPermitted" } },
    },
    {
      n: "36 (I20)",
      title: "the same, granted",
      given: [
        gateway([tlsListener("tls", 443, "TLS", [{ name: "cert", namespace: "far" }])]),
        secret("far/cert", PAIR),
        grant("far/g", [{ group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "media" }], [{ group: "", kind: "Secret" }]),
      ],
      options: { ...trust, referenceGrants: "enforce" },
      wanted: { listeners: ["tls TURN-TLS:443"], bad: {}, reasons: [] },
    },
  ]);
});

describe("edge cases of addresses", () => {
  const two = gateway([listener("a", 1, "UDP"), listener("b", 2, "UDP")]);
  check([
    {
      n: 37,
      title: "spec.addresses",
      given: [gateway([UDP], { addresses: [{ value: "9.9.9.9" }] }), ownedService()],
      wanted: { public: ["udp 9.9.9.9:3478"], addresses: ["IPAddress 9.9.9.9"] },
    },
    {
      n: 38,
      title: "spec.addresses without a Service port",
      given: [annotated({}, [UDP, listener("tcp", 1, "TCP")], { addresses: [{ value: "9.9.9.9" }] })],
      wanted: { public: ["udp 9.9.9.9:3478", "tcp -"], gateway: NO_ADDRESS },
    },
    {
      n: 39,
      title: "spec.addresses of type Hostname",
      given: [gateway([UDP], { addresses: [{ type: "Hostname", value: "t.example.com" }] })],
      wanted: { public: ["udp t.example.com:3478"], addresses: ["Hostname t.example.com"] },
    },
    {
      n: 40,
      title: "ClusterIP Service",
      given: [annotated({ "stunner.l7mp.io/service-type": "ClusterIP" }), ownedService({ type: "ClusterIP" }), EXTERNAL],
      wanted: { public: ["udp -"], gateway: NO_ADDRESS },
    },
    {
      n: 41,
      title: "LoadBalancer without ingress, node with ExternalIP",
      given: [gateway(), ownedService(nodePorts), EXTERNAL],
      wanted: { public: ["udp 198.51.100.7:30478"], gateway: GOOD },
    },
    {
      n: 42,
      title: "ingress with hostname",
      given: [gateway(), ownedService({}, [{ hostname: "lb.example.com" }])],
      wanted: { public: ["udp lb.example.com:3478"], addresses: ["Hostname lb.example.com"] },
    },
    {
      n: 43,
      title: "ingress without ports",
      given: [two, ownedService({}, [{ ip: "203.0.113.1" }, { ip: "203.0.113.2" }])],
      wanted: { public: ["a 203.0.113.1:1", "b 203.0.113.1:2"] },
    },
    {
      n: "44 (I6)",
      title: "two ingresses, the second lists the second port",
      given: [
        two,
        ownedService(
          {},
          [{ ip: "203.0.113.1" }, { ip: "203.0.113.2", ports: [{ port: 9, protocol: "UDP" }, { port: 2, protocol: "UDP" }] }],
        ),
      ],
      wanted: { public: ["a 203.0.113.1:1", "b 203.0.113.2:2"], addresses: ["IPAddress 203.0.113.1", "IPAddress 203.0.113.2"] },
    },
    {
      n: "45 (I47)",
      title: "NodePort, node with ExternalDNS",
      given: [
        annotated({ "stunner.l7mp.io/service-type": "NodePort" }),
        ownedService({ type: "NodePort", ...nodePorts }),
        node("n", [{ type: "ExternalDNS", address: "n.example.com" }]),
      ],
      wanted: { public: ["udp n.example.com:30478"], addresses: ["Hostname n.example.com"] },
    },
    {
      n: 46,
      title: "no node with an external address",
      given: [gateway(), ownedService(nodePorts), node("n", [{ type: "InternalIP", address: "10.0.0.1" }])],
      wanted: { public: ["udp -"], gateway: NO_ADDRESS },
    },
    {
      n: 47,
      title: "annotation without ownerReference",
      given: [
        gateway(),
        service(
          "media/x",
          { type: "LoadBalancer", ports: [{ port: 3478, protocol: "UDP" }] },
          { ...ownership(), ownerReferences: [] },
          { loadBalancer: { ingress: [{ ip: "203.0.113.1" }] } },
        ),
      ],
      wanted: { public: ["udp -"], gateway: NO_ADDRESS },
    },
    {
      n: 48,
      title: "target ports",
      given: [annotated({ "stunner.l7mp.io/targetport": '{"udp":9,"x":8}' }, [UDP], { addresses: [{ value: "9.9.9.9" }] })],
      wanted: { listeners: ["udp TURN-UDP:9"], public: ["udp 9.9.9.9:3478"] },
    },
    {
      n: 49,
      title: "disable-managed-dataplane: TRUE",
      given: [annotated({ "stunner.l7mp.io/disable-managed-dataplane": "TRUE" }), ...live],
      wanted: { configs: ["media/gw"], objects: ["Service/media/gw"], deletions: ["Deployment/media/gw"] },
    },
    {
      n: 89,
      title: "seven foreign conditions: the oldest go, ours stay (the API allows eight)",
      given: [
        gateway(
          [UDP],
          {},
          "media/gw",
          {},
          { conditions: Array.from({ length: 7 }, (_, index) => ({ type: `F${index}`, status: "True", reason: "R", message: "" })) },
        ),
      ],
      wanted: {
        gateway: [
          "F1=True/R",
          "F2=True/R",
          "F3=True/R",
          "F4=True/R",
          "F5=True/R",
          "F6=True/R",
          "Accepted=True/Accepted",
          "Programmed=False/AddressNotAssigned",
        ],
      },
    },
  ]);
});
