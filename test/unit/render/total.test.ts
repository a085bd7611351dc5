import { describe, expect, it } from "vitest";
import { render } from "../../../shared/render/render.ts";
import type { RenderOptions } from "../../../shared/render/result.ts";
import type { KubeObject } from "../../../shared/resources/meta.ts";
import { clusterState } from "../../../shared/state/cluster-state.ts";
import {
  configMap,
  dataplane,
  gateway,
  gatewayClass,
  gatewayConfig,
  options,
  ownedService,
  PARAMETERS_REF,
  rendered,
  route,
  secret,
  service,
  slice,
  staticService,
  tlsListener,
  UDP,
  workload,
} from "./builders.ts";
import { clusterLines, deletionKeys, listenersOf, objectOf, parentLines, statusOf } from "./reading.ts";

const STATIC = { group: "stunner.l7mp.io", kind: "StaticService", name: "office" };
const modes: Partial<RenderOptions>[] = [
  {},
  { onInvalid: "teardown" },
  { mode: "legacy" },
  { mode: "legacy", onInvalid: "teardown" },
  { endpointDiscovery: false },
];

/** The object as a careless source would give it: none of ours does. */
const homeless = (object: KubeObject): KubeObject => {
  const { namespace: _namespace, ...metadata } = object.metadata;
  return { ...object, metadata };
};

describe("objects without a namespace", () => {
  const objects = [
    gateway([UDP, tlsListener("tls", 1, "TLS", [{ name: "cert" }])]),
    route(
      [{ name: "sfu" }, STATIC],
      {},
      "media/route",
      {},
      { parents: [{ parentRef: { name: "gone" }, controllerName: "example.com/x", conditions: [] }] },
    ),
    service("media/sfu"),
    staticService("media/office", ["192.0.2.1"]),
    ownedService(),
    workload("DaemonSet", "media/gw"),
    secret("media/cert", { "tls.crt": "CERT", "tls.key": "KEY" }),
  ].map(homeless);

  it("are rendered as far as can be", () => {
    const result = rendered(objects, { certificates: "trust" });
    expect([...result.configs.keys()]).toEqual(["gw"]);
    expect(statusOf(result, "Gateway", "/gw")?.listeners?.[0]).toMatchObject({ attachedRoutes: 1 });
    expect(objectOf(result, "Service", "/gw")?.metadata.namespace).toBe("");
    expect(objectOf(result, "Service", "/gw")?.["spec"]).toMatchObject({ selector: { "stunner.l7mp.io/related-gateway-namespace": "" } });
    expect(objectOf(result, "Service", "/gw")?.metadata.labels).toMatchObject({ "stunner.l7mp.io/related-gateway-namespace": "" });
    expect(JSON.stringify(objectOf(result, "Deployment", "/gw"))).toContain('{"name":"STUNNER_NAMESPACE","value":""}');
    expect(deletionKeys(result)).toEqual(["DaemonSet//gw"]);
    expect(parentLines(result, "/route")[1]).toMatch(/^gw Accepted=True/);
    expect(result.problems.map((one) => one.message)).toEqual([
      "Secret /cert does not exist",
      "Service /sfu does not exist; StaticService /office does not exist",
    ]);
  });

  it("are told of where something lacks", () => {
    const refused = homeless(route([], { parentRefs: [{ name: "gw" }, { name: "gw", namespace: "media" }] }));
    const selector = { allowedRoutes: { namespaces: { from: "Selector", selector: {} } } };
    const result = rendered([gateway([{ ...UDP, ...selector }]), homeless(gateway([{ ...UDP, ...selector }])), refused]);
    expect(result.problems.map((one) => one.message)).toEqual(
      ["gw", "media/gw"].map((name) => `allowedRoutes of Gateway ${name} admits no UDPRoute of namespace  and this group`),
    );
  });

  it.each(modes)("never make it throw: %j", (changes) => {
    for (const object of [gatewayClass({ parametersRef: undefined }), homeless(gatewayConfig()), dataplane()]) {
      expect(
        render(clusterState([gatewayClass(), gatewayConfig(), dataplane(), ...objects, object]), options(changes)).problems,
      ).toBeDefined();
    }
  });
});

describe("lists and parts that are left out", () => {
  it("of a Service that exposes a Gateway", () => {
    const { metadata } = ownedService();
    const bare = (spec: unknown, status?: unknown) =>
      rendered([
        gateway(),
        { apiVersion: "v1", kind: "Service", metadata: { ...metadata, name: "mine" }, spec, ...(status ? { status } : {}) },
      ]);
    for (const result of [bare(undefined), bare({}), bare({ type: "LoadBalancer", ports: [{ port: 3478, protocol: "UDP" }] }, {})]) {
      expect(listenersOf(result)[0]).not.toHaveProperty("public_address");
    }
    const pending = bare({ type: "LoadBalancer", ports: [{ port: 3478, protocol: "UDP" }] }, { loadBalancer: {} });
    expect(listenersOf(pending)[0]).not.toHaveProperty("public_address");
  });

  it("of a route, its rules and its parents", () => {
    const bare = { ...route(), spec: {} };
    expect(parentLines(rendered([gateway(), bare]))).toEqual([]);
    expect(clusterLines(rendered([gateway(), route([], { rules: [{ backendRefs: undefined }] })]))).toEqual(["media/route STATIC"]);
  });

  it("of a node", () => {
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: "n" }, status: {} };
    expect(listenersOf(rendered([gateway(), ownedService(), node]))[0]).not.toHaveProperty("public_address");
  });

  it("of a slice", () => {
    const empty = slice("media/sfu", [], { endpoints: undefined });
    expect(
      clusterLines(rendered([gateway(), route([{ name: "sfu" }]), service("media/sfu"), empty])),
    ).toEqual(["media/route STATIC 10.96.0.20"]);
  });
});

it("a legacy ConfigMap without a namespace is one like any other", () => {
  const marks = {
    namespace: undefined,
    labels: { "stunner.l7mp.io/owned-by": "stunner" },
    annotations: { "stunner.l7mp.io/related-gateway-name": "/turn" },
    ownerReferences: [{ apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass", name: "turn", uid: "uid-of-turn" }],
  };
  const broken = gatewayClass({ parametersRef: { ...PARAMETERS_REF, name: "none" } });
  const result = rendered([broken, configMap("stunnerd-config", "{}", marks)], { mode: "legacy", onInvalid: "teardown" });
  expect(result.objects.map((one) => [one.kind, one.metadata.namespace])).toEqual([["ConfigMap", ""]]);
});
