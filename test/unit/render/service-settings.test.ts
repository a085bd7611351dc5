import { describe, expect, it } from "vitest";
import { serviceSettings } from "../../../shared/render/service-settings.ts";
import { annotated, gateway, gatewayConfig, listener, theGateway, theGatewayConfig } from "./builders.ts";

const key = (name: string) => `stunner.l7mp.io/${name}`;
const LISTENERS = [listener("udp", 1, "UDP"), listener("tcp", 2, "TCP")];
const settings = (ofGateway: Record<string, string>, ofConfig?: Record<string, string>) =>
  serviceSettings(
    theGateway(annotated(ofGateway, LISTENERS)),
    theGatewayConfig(gatewayConfig(ofConfig ? { loadBalancerServiceAnnotations: ofConfig } : {})),
    [],
  );
const warnings = (...from: Parameters<typeof settings>) => settings(...from).warnings.map((one) => [one.object, one.field, one.message]);

// spec/resources.md 2.6.
describe("serviceSettings", () => {
  it("has its defaults", () => {
    expect(settings({})).toEqual({
      annotations: {},
      type: "LoadBalancer",
      mixedProtocols: false,
      localTraffic: false,
      nodePorts: new Map(),
      targetPorts: new Map(),
      exposeHealthCheck: true,
      sessionAffinity: true,
      relayDiscovery: false,
      warnings: [],
    });
    const bare = serviceSettings(theGateway(gateway()), theGatewayConfig({ ...gatewayConfig(), spec: undefined }), []);
    expect(bare.annotations).toEqual({});
  });

  it("reads every annotation of either source", () => {
    const all = {
      [key("service-type")]: "NodePort",
      [key("enable-mixed-protocol-lb")]: "True",
      [key("external-traffic-policy")]: "Local",
      [key("nodeport")]: '{"udp":30001}',
      [key("targetport")]: '{"udp":11}',
      [key("disable-health-check-expose")]: "true",
      [key("disable-session-affinity")]: "true",
      [key("enable-relay-address-discovery")]: "true",
    };
    for (const one of [settings(all), settings({}, all)]) {
      expect(one).toEqual({
        annotations: all,
        type: "NodePort",
        mixedProtocols: true,
        localTraffic: true,
        nodePorts: new Map([["udp", 30_001]]),
        targetPorts: new Map([["udp", 11]]),
        exposeHealthCheck: false,
        sessionAffinity: false,
        relayDiscovery: true,
        warnings: [],
      });
    }
  });
});

describe("warnings of serviceSettings", () => {
  it.each([
    "enable-mixed-protocol-lb",
    "disable-health-check-expose",
    "disable-session-affinity",
    "enable-relay-address-discovery",
  ])("name a value of %s that is no boolean", (name) => {
    const message = '"Yes" counts as false; accepted: true, false';
    expect(warnings({ [key(name)]: "Yes" })).toEqual([["Gateway media/gw", `metadata.annotations[${key(name)}]`, message]]);
    expect(warnings({}, { [key(name)]: "Yes" })).toEqual([
      ["GatewayConfig stunner-system/conf", `spec.loadBalancerServiceAnnotations[${key(name)}]`, message],
    ]);
    expect(warnings({ [key(name)]: "True" })).toEqual([]);
    expect(warnings({ [key(name)]: "FALSE" })).toEqual([]);
    expect(settings({ [key(name)]: "Yes" }).warnings).toMatchObject([{ severity: "warning", reason: "InvalidAnnotation" }]);
  });

  it("name an unknown traffic policy", () => {
    const field = `metadata.annotations[${key("external-traffic-policy")}]`;
    expect(warnings({ [key("external-traffic-policy")]: "dummy" })).toEqual([
      ["Gateway media/gw", field, '"dummy" counts as cluster; accepted: local, cluster'],
    ]);
    expect(warnings({ [key("external-traffic-policy")]: "Cluster" })).toEqual([]);
    expect(warnings({ [key("external-traffic-policy")]: "LOCAL" })).toEqual([]);
  });

  it.each(["nodeport", "targetport"])("name what %s has that is no map, or no listener", (name) => {
    const field = `metadata.annotations[${key(name)}]`;
    expect(warnings({ [key(name)]: "dummy" })).toEqual([
      ["Gateway media/gw", field, 'ignored, since it is no JSON object of listener names and port numbers such as {"udp":30478}'],
    ]);
    expect(warnings({ [key(name)]: '{"udp":1,"ghost":2}' })).toEqual([
      ["Gateway media/gw", field, '"ghost" is no listener of Gateway media/gw'],
    ]);
    expect(warnings({ [key(name)]: "" })).toEqual([]);
  });

  it.each(["nodeport", "targetport"])("name a port of %s that is none", (name) => {
    const value = '{"udp":0,"tcp":65535,"ghost":65536}';
    const field = `metadata.annotations[${key(name)}]`;
    expect(warnings({ [key(name)]: value }).map(([, where, message]) => [where, message])).toEqual([
      [field, 'port 0 of "udp" is ignored; accepted: 1 to 65535'],
      [field, '"ghost" is no listener of Gateway media/gw'],
      [field, 'port 65536 of "ghost" is ignored; accepted: 1 to 65535'],
    ]);
    const { nodePorts, targetPorts } = settings({ [key(name)]: value });
    expect(name === "nodeport" ? nodePorts : targetPorts).toEqual(new Map([["tcp", 65_535]]));
  });

  it("name each source of an unknown service type", () => {
    expect(warnings({ [key("service-type")]: "foo" }, { [key("service-type")]: "bar" })).toMatchObject([
      ["Gateway media/gw", `metadata.annotations[${key("service-type")}]`, expect.stringContaining('"foo"')],
      [
        "GatewayConfig stunner-system/conf",
        `spec.loadBalancerServiceAnnotations[${key("service-type")}]`,
        expect.stringContaining('"bar"'),
      ],
    ]);
  });

  it("name an empty service type as unknown", () => {
    expect(warnings({ [key("service-type")]: "" })).toEqual([
      [
        "Gateway media/gw",
        `metadata.annotations[${key("service-type")}]`,
        'unknown service type "" is ignored; accepted: ClusterIP, NodePort, LoadBalancer, ExternalName, None',
      ],
    ]);
  });
});
