import { describe, expect, it } from "vitest";
import type { RenderOptions } from "../../shared/render/result.ts";
import { childOf, toJsonObject, type JsonObject } from "../support/json.ts";
import { annotated, dataplane, gateway, gatewayConfig, listener, node, ownedService, rendered, service, UDP } from "./render/builders.ts";
import {
  acceptedMessage,
  addressesOf,
  deletionKeys,
  gatewayConditions,
  listenersOf,
  objectOf,
  publicLines,
  servicePorts,
  serviceSpec,
} from "./render/reading.ts";

const CONFIGURED = { userName: "a", password: "b" };
const key = (name: string) => `stunner.l7mp.io/${name}`;
/** The pod template of the Deployment. */
const podOf = (result: ReturnType<typeof rendered>): JsonObject =>
  childOf(childOf(toJsonObject(objectOf(result, "Deployment") ?? {}), "spec"), "template");
const ownDataplane = (name: string, kind = "Dataplane") =>
  gateway([UDP], { infrastructure: { parametersRef: { group: "stunner.l7mp.io", kind, name } } });
const annotationsOf = (objects: Parameters<typeof rendered>[0], kind: string, options: Partial<RenderOptions> = {}) =>
  objectOf(rendered(objects, options), kind)?.metadata.annotations;

describe("I6, I47: addresses in the Gateway's status", () => {
  it("I6: all distinct ones, in listener order", () => {
    const ingress = [
      { ip: "203.0.113.2", ports: [{ port: 3478, protocol: "UDP" }] },
      {
        ip: "203.0.113.1",
        ports: [
          { port: 1, protocol: "UDP" },
          { port: 3479, protocol: "UDP" },
        ],
      },
    ];
    const ports = [UDP, listener("b", 3479, "UDP")].map(({ name, port }) => ({ name, port, protocol: "UDP" }));
    const result = rendered([gateway([UDP, listener("b", 3479, "UDP"), listener("c", 3480, "UDP")]), ownedService({ ports }, ingress)]);
    expect([publicLines(result), addressesOf(result)]).toEqual([
      ["udp 203.0.113.2:3478", "b 203.0.113.1:3479", "c 203.0.113.2:3480"],
      ["IPAddress 203.0.113.2", "IPAddress 203.0.113.1"],
    ]);
  });

  it("I47: the DNS name of a node is a Hostname", () => {
    const objects = [
      annotated({ [key("service-type")]: "NodePort", [key("nodeport")]: '{"udp":30478}' }),
      node("n", [{ type: "ExternalDNS", address: "n.example" }]),
    ];
    const result = rendered(objects);
    expect([publicLines(result), addressesOf(result)]).toEqual([["udp n.example:30478"], ["Hostname n.example"]]);
  });

  it("one pass: a Service that does not exist yet gives its pinned node port at once", () => {
    const result = rendered([
      annotated({ [key("nodeport")]: '{"udp":30478}' }),
      node("n", [{ type: "ExternalIP", address: "198.51.100.1" }]),
    ]);
    expect([publicLines(result), gatewayConditions(result)[1]]).toEqual([["udp 198.51.100.1:30478"], "Programmed=True/Programmed"]);
  });

  it.each([-1, 0, 70_000])("a pinned node port %i is published nowhere", (port) => {
    const result = rendered([
      annotated({ [key("nodeport")]: `{"udp":${port}}` }),
      node("n", [{ type: "ExternalIP", address: "198.51.100.1" }]),
    ]);
    expect(listenersOf(result).map((one) => one.public_port)).toEqual([undefined]);
  });
});

describe("I26: the target port follows listener and annotation", () => {
  const live = ownedService({ ports: [{ name: "udp", protocol: "UDP", port: 3478, targetPort: 3478 }] });

  it("when the listener moves", () => {
    expect(servicePorts(rendered([gateway([listener("udp", 3480, "UDP")]), live]))[0]).toMatch(/^udp UDP 3480>3480/);
  });

  it("when the annotation comes and goes", () => {
    const moved = rendered([annotated({ [key("targetport")]: '{"udp":5000}' }), live]);
    expect([servicePorts(moved)[0], listenersOf(moved)[0]?.port]).toEqual([expect.stringMatching(/^udp UDP 3478>5000/), 5000]);
    const back = ownedService({ ports: [{ name: "udp", protocol: "UDP", port: 3478, targetPort: 5000 }] });
    expect(servicePorts(rendered([gateway(), back]))[0]).toMatch(/^udp UDP 3478>3478/);
  });
});

describe("I28, I41: what goes on to Service, Deployment and pods", () => {
  const infrastructure = { labels: { tier: "edge" }, annotations: { "example.com/i": "1" } };
  const filtered = { "argocd.argoproj.io/instance": "x", "kubectl.kubernetes.io/last-applied-configuration": "{}" };
  const given = gateway([UDP], { infrastructure }, "media/gw", {
    annotations: { "example.com/a": "1", ...filtered },
    labels: { team: "voice", ...filtered },
  });

  it("I28: kubectl's note and the keys of the label filter never do", () => {
    const result = rendered([given]);
    expect(JSON.stringify(result.objects)).not.toMatch(/argocd|last-applied/);
    expect(objectOf(result, "Service")?.metadata.annotations).toMatchObject({ "example.com/a": "1" });
    expect(objectOf(result, "Deployment")?.metadata.labels).toMatchObject({ team: "voice" });
    expect(objectOf(result, "Service")?.metadata.labels).not.toHaveProperty("team");
  });

  it("I28: what is live and no longer asked for is not desired", () => {
    const live = service("media/gw", {}, { annotations: { "example.com/gone": "1", [key("service-type")]: "NodePort" } });
    expect(annotationsOf([gateway(), live], "Service")).toEqual({ [key("related-gateway-name")]: "media/gw" });
  });

  it("I41: labels and annotations of the infrastructure go to all, with the name of the Gateway", () => {
    const result = rendered([given]);
    for (const metadata of [
      objectOf(result, "Service")?.metadata,
      objectOf(result, "Deployment")?.metadata,
      childOf(podOf(result), "metadata"),
    ]) {
      expect(metadata).toMatchObject({
        labels: { tier: "edge", "gateway.networking.k8s.io/gateway-name": "gw" },
        annotations: { "example.com/i": "1" },
      });
    }
  });

  it("I41: parametersRef names the Dataplane of this one Gateway; what it cannot find makes the Gateway invalid", () => {
    const own = rendered([ownDataplane("edge"), dataplane({ image: "own:1" }, "edge")]);
    expect(JSON.stringify(objectOf(own, "Deployment"))).toContain("own:1");
    for (const bad of [ownDataplane("gone"), ownDataplane("edge", "ConfigMap")]) {
      const result = rendered([bad, dataplane({}, "edge")]);
      expect([gatewayConditions(result)[0], result.configs.size]).toEqual(["Accepted=False/InvalidParameters", 0]);
    }
  });
});

describe("I30: service-type", () => {
  it.each([
    ["nodeport", "NodePort"],
    ["CLUSTERIP", "ClusterIP"],
  ])("%s means %s", (given, expected) => {
    expect(serviceSpec(rendered([annotated({ [key("service-type")]: given })]))?.type).toBe(expected);
  });

  it("an unknown value of the Gateway is told, and the GatewayConfig's counts", () => {
    const config = gatewayConfig({ ...CONFIGURED, loadBalancerServiceAnnotations: { [key("service-type")]: "NodePort" } });
    const result = rendered([annotated({ [key("service-type")]: "bogus" }), config]);
    expect([serviceSpec(result)?.type, acceptedMessage(result)]).toEqual(["NodePort", expect.stringContaining('"bogus"')]);
  });

  it("None means no Service, under hold as well", () => {
    const result = rendered([annotated({ [key("service-type")]: "none" }), ownedService()]);
    expect([objectOf(result, "Service"), deletionKeys(result)]).toEqual([undefined, ["Service/media/gw"]]);
  });
});

describe("I35, I45: spec.addresses", () => {
  it("I35: loadBalancerIP is asked for while spec.addresses does, whatever is live", () => {
    const live = ownedService({ loadBalancerIP: "203.0.113.9" });
    expect(serviceSpec(rendered([gateway([UDP], { addresses: [{ value: "203.0.113.9" }] }), live]))?.loadBalancerIP).toBe("203.0.113.9");
    expect(serviceSpec(rendered([gateway(), live]))).not.toHaveProperty("loadBalancerIP");
    expect(serviceSpec(rendered([gateway([UDP], { addresses: [{ type: "Hostname", value: "turn.example" }] }), live]))).not.toHaveProperty(
      "loadBalancerIP",
    );
  });

  it.each(["NamedAddress", "example.com/pool"])("I45: type %s is UnsupportedAddress", (type) => {
    const result = rendered([gateway([UDP], { addresses: [{ type, value: "pool" }] })]);
    expect([gatewayConditions(result)[0], publicLines(result)]).toEqual(["Accepted=False/UnsupportedAddress", ["udp -"]]);
  });
});
