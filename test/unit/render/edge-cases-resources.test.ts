import { describe } from "vitest";
import { annotated, dataplane, gateway, gatewayConfig, listener, node, ownedService, service, UDP, workload } from "./builders.ts";
import { check } from "./observe.ts";

const key = (name: string) => `stunner.l7mp.io/${name}`;
const config = (annotations: Record<string, string>) => gatewayConfig({
  userName: "a",
  password: "b",
  loadBalancerServiceAnnotations: annotations,
});
const BOTH = [listener("udp", 1, "UDP"), listener("tcp", 2, "TCP")];
const THREE = [listener("a", 1, "UDP"), listener("b", 2, "UDP"), listener("c", 3, "UDP")];
const MIXED = key("enable-mixed-protocol-lb");
const health = (port: string, protocol: string) => ({
  "service.beta.kubernetes.io/aws-load-balancer-healthcheck-port": port,
  "service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol": protocol,
});
const WITH_HEALTH = ["udp UDP 3478>3478", "gateway-health-check TCP 8080>8080"];
const ALONE = ["udp UDP 3478>3478"];
const external = (name: string, address: string) => node(name, [{ type: "ExternalIP", address }]);
const nodePorts = { ports: [{ name: "udp", protocol: "UDP", port: 3478, nodePort: 30_478 }] };

// Numbers of spec/resources.md 9, as far as they concern the renderer and show in ports, addresses and objects.
describe("edge cases of resources", () => {
  check([
    { n: 1, title: "one UDP listener", given: [gateway()], wanted: { ports: ALONE, objects: ["Deployment/media/gw", "Service/media/gw"] } },
    { n: 2, title: "only an unknown protocol", given: [gateway([listener("x", 1, "SCTP")])], wanted: { objects: ["Deployment/media/gw"] } },
    {
      n: 3,
      title: "unknown protocol, then TURN-TCP",
      given: [gateway([listener("x", 1, "SCTP"), listener("tcp", 2, "TURN-TCP")])],
      wanted: { ports: ["tcp TCP 2>2"] },
    },
    {
      n: 4,
      title: "mixed protocols in the GatewayConfig only",
      given: [gateway(BOTH), config({ [MIXED]: "true" })],
      wanted: { ports: ["udp UDP 1>1", "tcp TCP 2>2"] },
    },
    {
      n: 5,
      title: "mixed protocols: dummy",
      given: [annotated({ [MIXED]: "dummy" }, BOTH)],
      wanted: { ports: ["udp UDP 1>1"], reasons: ["InvalidAnnotation"] },
    },
    {
      n: 6,
      title: "mixed protocols, the Gateway says no",
      given: [annotated({ [MIXED]: "false" }, BOTH), config({ [MIXED]: "true" })],
      wanted: { ports: ["udp UDP 1>1"] },
    },
    { n: 8, title: "health port", given: [gateway(), config(health("8080", "HTTP"))], wanted: { ports: WITH_HEALTH } },
    {
      n: 9,
      title: "health port disabled",
      given: [annotated({ [key("disable-health-check-expose")]: "true" }), config(health("8080", "HTTP"))],
      wanted: { ports: ALONE },
    },
    { n: 10, title: "health port eighty", given: [gateway(), config(health("eighty", "HTTP"))], wanted: { ports: ALONE } },
    { n: 10, title: "health protocol UDP", given: [gateway(), config(health("8080", "UDP"))], wanted: { ports: ALONE } },
    {
      n: 11,
      title: "health protocol overridden",
      given: [annotated({ "service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol": "HTTP" }), config(health("8080", "UDP"))],
      wanted: { ports: WITH_HEALTH },
    },
    {
      n: 12,
      title: "health port of a ClusterIP",
      given: [annotated({ [key("service-type")]: "ClusterIP" }), config(health("8080", "TCP"))],
      wanted: { ports: ALONE },
    },
    {
      n: 21,
      title: "node ports of two of three, and a ghost",
      given: [gateway(THREE), config({ [key("nodeport")]: '{"a":30001,"c":30003,"ghost":30009}' })],
      wanted: { ports: ["a UDP 1>1@30001", "b UDP 2>2", "c UDP 3>3@30003"] },
    },
    {
      n: 22,
      title: "node ports malformed in the GatewayConfig",
      given: [annotated({ [key("nodeport")]: '{"udp":30001}' }), config({ [key("nodeport")]: "{" })],
      wanted: { ports: ["udp UDP 3478>3478@30001"] },
    },
    {
      n: 23,
      title: "node ports without braces",
      given: [annotated({ [key("nodeport")]: '"a":30001,"b":30002' }, THREE)],
      wanted: { ports: ["a UDP 1>1@30001", "b UDP 2>2@30002", "c UDP 3>3"] },
    },
    {
      n: 24,
      title: "node ports: dummy",
      given: [annotated({ [key("nodeport")]: '"dummy"' })],
      wanted: { ports: ALONE, reasons: ["InvalidAnnotation"] },
    },
    {
      n: 25,
      title: "target port",
      given: [annotated({ [key("targetport")]: '{"l":11}' }, [listener("l", 1, "UDP")], { addresses: [{ value: "9.9.9.9" }] })],
      wanted: { ports: ["l UDP 1>11"], listeners: ["l TURN-UDP:11"], public: ["l 9.9.9.9:1"] },
    },
    {
      n: "26 (I26)",
      title: "live ports: the node port stays, the target port follows",
      given: [
        gateway([listener("a", 5, "UDP"), listener("new", 6, "UDP")]),
        ownedService({
          ports: [{ name: "a", protocol: "UDP", port: 4, targetPort: 1, nodePort: 30_001 }, { name: "dummy", port: 9, nodePort: 30_009 }],
        }),
      ],
      wanted: { ports: ["a UDP 5>5@30001", "new UDP 6>6"] },
    },
    {
      n: 28,
      title: "a node port annotation on the live Service",
      given: [gateway(), service("media/gw", {}, { annotations: { [key("nodeport")]: '{"udp":30001}' } })],
      wanted: { ports: ALONE },
    },
    {
      n: 29,
      title: "another annotation beside node ports that are live",
      given: [annotated({ other: "x" }), ownedService(nodePorts)],
      wanted: { ports: ["udp UDP 3478>3478@30478"] },
    },
    {
      n: 33,
      title: "ingress with a hostname",
      given: [gateway(), ownedService({}, [{ hostname: "lb.example.com" }])],
      wanted: { addresses: ["Hostname lb.example.com"] },
    },
    {
      n: 35,
      title: "two ingresses, the second lists both ports",
      given: [
        annotated({ [MIXED]: "true" }, BOTH),
        ownedService(
          {},
          [
            { ip: "1.1.1.1", ports: [{ port: 1, protocol: "UDP" }] },
            { ip: "2.2.2.2", ports: [{ port: 1, protocol: "UDP" }, { port: 2, protocol: "TCP" }] },
          ],
        ),
      ],
      wanted: { public: ["udp 1.1.1.1:1", "tcp 2.2.2.2:2"] },
    },
    {
      n: 37,
      title: "pending load balancer, node",
      given: [gateway(), ownedService(nodePorts), external("n", "9.9.9.9")],
      wanted: { public: ["udp 9.9.9.9:30478"] },
    },
    {
      n: 38,
      title: "the node lost its address, another has one",
      given: [gateway(), ownedService(nodePorts), node("a", []), external("b", "8.8.8.8")],
      wanted: { public: ["udp 8.8.8.8:30478"] },
    },
    {
      n: 39,
      title: "type switched to ClusterIP",
      given: [annotated({ [key("service-type")]: "ClusterIP" }), ownedService(nodePorts, [{ ip: "1.1.1.1" }]), external("n", "9.9.9.9")],
      wanted: { public: ["udp -"], addresses: [] },
    },
    {
      n: 44,
      title: "no health checks, metrics",
      given: [gateway(), dataplane({ disableHealthCheck: true, enableMetricsEndpoint: true })],
      wanted: {},
      config: { admin: { metrics_endpoint: "http://:8080/metrics", healthcheck_endpoint: "" } },
    },
    { n: 51, title: "a lingering DaemonSet", given: [gateway(), workload("DaemonSet")], wanted: { deletions: ["DaemonSet/media/gw"] } },
    {
      n: "51 (I32)",
      title: "a hand-made DaemonSet of that name",
      given: [gateway(), workload("DaemonSet", "media/gw", {})],
      wanted: { deletions: [] },
    },
    {
      n: 52,
      title: "managed dataplane disabled",
      given: [annotated({ [key("disable-managed-dataplane")]: "true" }), workload("Deployment")],
      wanted: { deletions: ["Deployment/media/gw"], configs: ["media/gw"], objects: ["Service/media/gw"] },
    },
    {
      n: 53,
      title: "a missing Dataplane, teardown",
      given: [gateway(), gatewayConfig({ userName: "a", password: "b", dataplane: "x" }), ownedService(), workload("Deployment")],
      options: { onInvalid: "teardown" },
      wanted: { class: ["Accepted=False/InvalidParameters"], configs: [], deletions: ["Deployment/media/gw", "Service/media/gw"] },
    },
    {
      n: "60 (I23)",
      title: "relay address discovery",
      given: [annotated({ [key("enable-relay-address-discovery")]: "true" }, [UDP])],
      wanted: {},
      config: { listeners: [{ address: "__node_address_placeholder" }] },
    },
  ]);
});
