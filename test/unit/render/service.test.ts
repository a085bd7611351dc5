import { describe, expect, it } from "vitest";
import type { RenderOptions } from "../../../shared/render/result.ts";
import { annotated, gateway, gatewayConfig, listener, ownedService, rendered, service, UDP, type Fields } from "./builders.ts";
import { addressesOf, deletionKeys, gatewayConditions, objectOf, publicLines, servicePorts, serviceSpec } from "./reading.ts";

const CREDENTIALS = { userName: "alice", password: "wonder" };
const inherited = (annotations: Record<string, string>) => gatewayConfig({ ...CREDENTIALS, loadBalancerServiceAnnotations: annotations });
const key = (name: string) => `stunner.l7mp.io/${name}`;
const LABELS = {
  "gateway.networking.k8s.io/gateway-name": "gw",
  "stunner.l7mp.io/owned-by": "stunner",
  "stunner.l7mp.io/related-gateway-name": "gw",
  "stunner.l7mp.io/related-gateway-namespace": "media",
};

/** The type of the Service for the annotation on the GatewayConfig and on the Gateway. */
const typeOf = (ofConfig: string | undefined, ofGateway: string | undefined) =>
  serviceSpec(
    rendered([
      annotated(ofGateway === undefined ? {} : { [key("service-type")]: ofGateway }),
      inherited(ofConfig === undefined ? {} : { [key("service-type")]: ofConfig }),
    ]),
  )?.type;

// spec/resources.md 2.1, edge case 1; improvements I25, I41.
describe("the Service of a Gateway", () => {
  it("has the fields that are ours and no others", () => {
    expect(objectOf(rendered([gateway()]), "Service")).toEqual({
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: "gw",
        namespace: "media",
        labels: LABELS,
        annotations: { "stunner.l7mp.io/related-gateway-name": "media/gw" },
        ownerReferences: [{ apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", name: "gw", uid: "uid-of-gw" }],
      },
      spec: {
        type: "LoadBalancer",
        selector: { app: "stunner", "stunner.l7mp.io/related-gateway-name": "gw", "stunner.l7mp.io/related-gateway-namespace": "media" },
        sessionAffinity: "ClientIP",
        ports: [{ name: "udp", protocol: "UDP", port: 3478, targetPort: 3478 }],
      },
    });
  });

  it("selects all pods of stunner in legacy mode", () => {
    expect(serviceSpec(rendered([gateway()], { mode: "legacy" }))?.selector).toEqual({ app: "stunner" });
  });

  it("is the same whatever is live, but for node ports: foreign fields are never touched (edge cases 27, 30)", () => {
    const live = ownedService(
      { clusterIP: "10.96.0.1", loadBalancerClass: "x", loadBalancerIP: "203.0.113.3", externalTrafficPolicy: "Local" },
      [{ ip: "1.2.3.4" }],
    );
    expect(objectOf(rendered([gateway(), live]), "Service")).toEqual(objectOf(rendered([gateway()]), "Service"));
    const foreign = service("media/gw", { selector: { app: "x" } }, { labels: { mine: "1" }, annotations: { mine: "2" } });
    expect(objectOf(rendered([gateway(), foreign]), "Service")).toEqual(objectOf(rendered([gateway()]), "Service"));
  });

  it("has an empty uid of its owner where the source has none", () => {
    const result = rendered([gateway(undefined, {}, "media/gw", { uid: undefined })]);
    expect(objectOf(result, "Service")?.metadata.ownerReferences).toEqual([
      { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", name: "gw", uid: "" },
    ]);
  });
});

const policy = (ofConfig: string, ofGateway: string) =>
  serviceSpec(
    rendered([annotated({ [key("external-traffic-policy")]: ofGateway }), inherited({ [key("external-traffic-policy")]: ofConfig })]),
  )
    ?.externalTrafficPolicy;

// spec/resources.md 2.2, edge cases 5 to 7; improvements I28, I41.
describe("annotations of the Service", () => {
  it("are those of the GatewayConfig, the Gateway, its infrastructure and the related Gateway, later ones first", () => {
    const gw = annotated(
      { both: "gateway", own: "1", infra: "gateway", "stunner.l7mp.io/related-gateway-name": "x/y" },
      [UDP],
      { infrastructure: { annotations: { infra: "infrastructure", more: "2" } } },
    );
    const annotations = objectOf(
      rendered([gw, inherited({ both: "config", config: "3", infra: "config" })]),
      "Service",
    )?.metadata.annotations;
    expect(annotations).toEqual({
      both: "gateway",
      config: "3",
      own: "1",
      infra: "infrastructure",
      more: "2",
      "stunner.l7mp.io/related-gateway-name": "media/gw",
    });
  });

  it("are read from the merged set: the Gateway's wins", () => {
    expect(policy("dummy", "local")).toBe("Local");
    expect(policy("local", "dummy")).toBeUndefined();
  });

  it("put on the live Service by hand are not looked at", () => {
    const live = service("media/gw", {}, { annotations: { [key("service-type")]: "ClusterIP", [key("nodeport")]: '{"udp":30001}' } });
    expect(serviceSpec(rendered([gateway(), live]))).toMatchObject({ type: "LoadBalancer", ports: [{ targetPort: 3478 }] });
    expect(servicePorts(rendered([gateway(), live]))).toEqual(["udp UDP 3478>3478"]);
  });
});

it("labels of the Service are those of the infrastructure and ours, which win; never the Gateway's", () => {
  const infrastructure = { labels: { team: "voice", "stunner.l7mp.io/owned-by": "me", "app.kubernetes.io/managed-by": "helm" } };
  const gw = gateway([UDP], { infrastructure }, "media/gw", { labels: { own: "1" } });
  expect(objectOf(rendered([gw]), "Service")?.metadata.labels).toEqual({ team: "voice", ...LABELS });
});

// spec/resources.md 2.3, edge cases 13 to 15; improvements I30.
describe("the type of the Service", () => {
  it.each([
    [undefined, undefined, "LoadBalancer"],
    ["ClusterIP", undefined, "ClusterIP"],
    ["ClusterIP", "NodePort", "NodePort"],
    ["dummy", "NodePort", "NodePort"],
    ["ClusterIP", "dummy", "ClusterIP"],
    ["dummy", "dummy", "LoadBalancer"],
    [undefined, "clusterip", "ClusterIP"],
    [undefined, "LOADBALANCER", "LoadBalancer"],
    [undefined, "ExternalName", "ExternalName"],
    ["NodePort", "", "NodePort"],
    ["NodePort", "None", undefined],
    ["none", undefined, undefined],
    ["None", "ClusterIP", "ClusterIP"],
  ])("GatewayConfig %j, Gateway %j: %s", (ofConfig, ofGateway, wanted) => {
    expect(typeOf(ofConfig, ofGateway)).toBe(wanted);
  });

  it("tells of an unknown one in a warning and in the Accepted message", () => {
    const result = rendered([annotated({ [key("service-type")]: "Dummy" })]);
    const message = 'unknown service type "Dummy" is ignored; accepted: ClusterIP, NodePort, LoadBalancer, ExternalName, None';
    const field = `metadata.annotations[${key("service-type")}]`;
    expect(result.problems).toEqual([{ severity: "warning", object: "Gateway media/gw", field, reason: "InvalidAnnotation", message }]);
    expect(gatewayConditions(result)[0]).toBe("Accepted=True/Accepted");
    expect(result.statuses.find((one) => one.kind === "Gateway")?.status.conditions?.[0]?.message).toBe(
      `accepted by controller stunner.l7mp.io/gateway-operator; ${field}: ${message}`,
    );
    expect(rendered([gateway(), inherited({ [key("service-type")]: "x" })]).problems).toMatchObject([
      { object: "GatewayConfig stunner-system/conf", field: `spec.loadBalancerServiceAnnotations[${key("service-type")}]` },
    ]);
  });
});

const none = (addresses?: Fields[], protocol = "UDP") => annotated(
  { [key("service-type")]: "None" },
  [listener("udp", 3478, protocol)],
  addresses ? { addresses } : {},
);

// improvements I30, I31.
describe("no Service", () => {
  const both: Partial<RenderOptions>[] = [
    { onInvalid: "hold" },
    { onInvalid: "teardown" },
    { onInvalid: "hold", mode: "legacy" },
    { onInvalid: "teardown", mode: "legacy" },
  ];

  it.each(both)("for type None: one that is there goes (%j)", (changes) => {
    const result = rendered([none(), ownedService({}, [{ ip: "203.0.113.1" }])], changes);
    expect(objectOf(result, "Service")).toBeUndefined();
    expect(deletionKeys(result)).toEqual(["Service/media/gw"]);
    expect(result.held.objects).toEqual(new Set());
    expect(gatewayConditions(result)[1]).toBe("Programmed=False/AddressNotAssigned");
  });

  it("for type None leaves the address to the user", () => {
    const result = rendered([none([{ type: "Hostname", value: "turn.example.com" }])]);
    expect(publicLines(result)).toEqual(["udp turn.example.com:3478"]);
    expect(gatewayConditions(result)[1]).toBe("Programmed=True/Programmed");
    expect(publicLines(rendered([none([{ value: "203.0.113.9" }])]))).toEqual(["udp 203.0.113.9:3478"]);
    expect(addressesOf(rendered([none([{ value: "203.0.113.9" }])]))).toEqual(["IPAddress 203.0.113.9"]);
    expect(addressesOf(rendered([none([{ type: "Hostname", value: "turn.example.com" }])]))).toEqual(["Hostname turn.example.com"]);
    expect(publicLines(rendered([none([{ value: "" }])]))).toEqual(["udp -"]);
    expect(gatewayConditions(rendered([none([{ value: "203.0.113.9" }], "HTTP")]))[1]).toBe("Programmed=False/AddressNotAssigned");
  });

  it("for type None still looks at one that the user made", () => {
    const mine = ownedService({}, [{ ip: "203.0.113.5" }], "media/mine", "media/gw");
    expect(publicLines(rendered([none(), mine]))).toEqual(["udp 203.0.113.5:3478"]);
  });

  it.each(["managed", "legacy"] as const)("without a valid listener: under hold the old one stays (%s)", (mode) => {
    const bad = gateway([listener("web", 80, "HTTP")]);
    const result = rendered([bad, ownedService()], { mode });
    expect(objectOf(result, "Service")).toBeUndefined();
    expect(result.held.objects).toEqual(new Set(["Service/media/gw"]));
    expect(deletionKeys(result)).toEqual([]);
    expect(rendered([bad], { mode }).held.objects).toEqual(new Set());
  });

  it.each(["managed", "legacy"] as const)("without a valid listener: under teardown it goes (%s)", (mode) => {
    const result = rendered([gateway([listener("web", 80, "HTTP")]), ownedService()], { mode, onInvalid: "teardown" });
    expect(result.held.objects).toEqual(new Set());
    expect(deletionKeys(result)).toEqual(["Service/media/gw"]);
  });

  it("has no health-check port alone (I31)", () => {
    const health = { "service.beta.kubernetes.io/x-health-port": "8080", "service.beta.kubernetes.io/x-health-protocol": "TCP" };
    expect(objectOf(rendered([annotated(health, [listener("web", 80, "HTTP")])]), "Service")).toBeUndefined();
  });
});

// spec/resources.md 2.6, 2.7, edge cases 16 to 20; improvements I35.
describe("fields by annotation and address", () => {
  it.each([
    ["true", "None"],
    ["TRUE", "None"],
    ["false", "ClientIP"],
    ["no", "ClientIP"],
  ])("disable-session-affinity %s: %s", (value, wanted) => {
    expect(serviceSpec(rendered([annotated({ [key("disable-session-affinity")]: value })]))?.sessionAffinity).toBe(wanted);
    expect(serviceSpec(rendered([gateway(), inherited({ [key("disable-session-affinity")]: value })]))?.sessionAffinity).toBe(wanted);
  });

  it.each([
    ["local", "LoadBalancer", "Local"],
    ["LOCAL", "NodePort", "Local"],
    ["local", "ClusterIP", undefined],
    ["local", "ExternalName", undefined],
    ["cluster", "LoadBalancer", undefined],
    ["dummy", "LoadBalancer", undefined],
  ])("external-traffic-policy %s, type %s: %s", (value, type, wanted) => {
    const spec = serviceSpec(rendered([annotated({ [key("external-traffic-policy")]: value, [key("service-type")]: type })]));
    expect(spec?.externalTrafficPolicy).toBe(wanted);
    expect(Object.keys(spec ?? {}).includes("externalTrafficPolicy")).toBe(wanted !== undefined);
  });

  it.each([
    [[{ value: "203.0.113.1" }, { value: "203.0.113.2" }], "LoadBalancer", "203.0.113.1"],
    [[{ type: "IPAddress", value: "203.0.113.1" }], "NodePort", "203.0.113.1"],
    [[{ type: "Hostname", value: "turn.example.com" }], "LoadBalancer", undefined],
    [[{ type: "Hostname", value: "turn.example.com" }, { value: "203.0.113.2" }], "LoadBalancer", undefined],
    [[{ type: "IPAddress" }], "LoadBalancer", undefined],
    [[{ value: "" }], "LoadBalancer", undefined],
    [[], "LoadBalancer", undefined],
  ])("addresses %j, type %s: loadBalancerIP %s", (addresses, type, wanted) => {
    const spec = serviceSpec(rendered([annotated({ [key("service-type")]: type }, [UDP], { addresses })]));
    expect(spec?.loadBalancerIP).toBe(wanted);
    expect(Object.keys(spec ?? {}).includes("loadBalancerIP")).toBe(wanted !== undefined);
  });
});
