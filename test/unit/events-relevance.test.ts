import { describe, expect, it } from "vitest";
import type { Change } from "../../shared/events/change.ts";
import { isRelevant, type RelevanceSettings } from "../../shared/events/relevance.ts";
import { change, refs, SETTINGS } from "./events/fixtures.ts";

const OWNED = { "stunner.l7mp.io/owned-by": "stunner" };
const slice = (service: string) => ({ "kubernetes.io/service-name": service });
const matters = (one: Change, settings: Partial<RelevanceSettings> = {}, known = refs()) => isRelevant(one, known, { ...SETTINGS, ...settings });

/** What changes, and whether that matters. */
type Row = [what: string, change: Change, matters: boolean, settings?: Partial<RelevanceSettings>];

describe("Gateway API and stunner kinds", () => {
  it.each<Row>([
    ["a label-only change of a Gateway (I46)", change("Gateway", "media/gw", { labels: [{}, { a: "b" }], classes: ["stunner", "stunner"] }), true],
    ["a Gateway of which nothing is told", change("Gateway", "media/gw"), true],
    ["a new Gateway, whosever it is: routes may name it", change("Gateway", "web/other", { operation: "create", classes: ["nginx"] }), true],
    ["the end of a Gateway, whosever it was", change("Gateway", "web/nginx", { operation: "delete", classes: ["nginx"] }), true],
    ["a Gateway of another controller that stays there", change("Gateway", "web/nginx", { classes: ["nginx", "nginx"] }), false],
    ["the same, its class told once", change("Gateway", "web/nginx", { classes: ["nginx"] }), false],
    ["the status of one", change("Gateway", "web/nginx", { subresource: "status" }), false],
    ["one of which nothing is told", change("Gateway", "web/nginx"), true],
    ["one that comes to us", change("Gateway", "web/nginx", { classes: ["nginx", "stunner"] }), true],
    ["one that goes to a class that is not known", change("Gateway", "web/nginx", { classes: ["nginx", "new"] }), true],
    ["one that was ours when we looked", change("Gateway", "media/gw", { classes: ["nginx", "nginx"] }), true],
    ["Gateways whose names are not told", change("Gateway", "web/", { operation: "delete" }), true],
    ["a status of a Gateway of ours, by somebody", change("Gateway", "media/gw", { subresource: "status", manager: "someone" }), true],
    ["a status of it, by us", change("Gateway", "media/gw", { subresource: "status", manager: "stunner-serverless" }), false],
    ["a spec of it, by us", change("Gateway", "media/gw", { manager: "stunner-serverless" }), true],
    ["a class of ours", change("GatewayClass", "stunner"), true],
    ["a class of another controller", change("GatewayClass", "nginx", { controllers: ["nginx.org/c", "nginx.org/c"] }), false],
    ["its status", change("GatewayClass", "nginx", { subresource: "status" }), false],
    ["one of which nothing is told", change("GatewayClass", "nginx"), true],
    ["one that comes to us", change("GatewayClass", "nginx", { controllers: ["nginx.org/c", SETTINGS.controllerName] }), true],
    ["a new class, whosever it is: it may take Gateways from us", change("GatewayClass", "new", { operation: "create", controllers: ["a.b/c"] }), true],
    ["the end of a class, whosever it was", change("GatewayClass", "nginx", { operation: "delete", controllers: ["nginx.org/c"] }), true],
    ["a route, whatever it names", change("UDPRoute", "anywhere/route"), true],
    ["a GatewayConfig", change("GatewayConfig", "anywhere/config"), true],
    ["a Dataplane", change("Dataplane", "other"), true],
    ["a ReferenceGrant", change("ReferenceGrant", "anywhere/grant"), true],
    ["a StaticService that a route names", change("StaticService", "media/static", { operation: "create" }), true],
    ["one that no route names", change("StaticService", "media/other", { operation: "create" }), false],
    ["some of a namespace that routes refer to", change("StaticService", "media/", { operation: "delete" }), true],
    ["some of another namespace", change("StaticService", "web/", { operation: "delete" }), false],
  ])("%s", (_what, one, expected, settings) => {
    expect(matters(one, settings)).toBe(expected);
  });
});

describe("Services", () => {
  it.each<Row>([
    ["a backend", change("Service", "apps/janus"), true],
    ["its status", change("Service", "apps/janus", { subresource: "status" }), true],
    ["one with the name of a Gateway of ours", change("Service", "media/gw", { labels: [{}, {}] }), true],
    ["one of ours, by its label", change("Service", "media/by-hand", { labels: [{}, OWNED] }), true],
    ["one that loses the label", change("Service", "media/by-hand", { labels: [OWNED, {}] }), true],
    ["one that had the label when we looked", change("Service", "old/gone", { labels: [{}] }), true],
    ["any other", change("Service", "web/shop", { labels: [{ app: "shop" }, { app: "shop" }] }), false],
    ["any other, its labels told once", change("Service", "web/shop", { labels: [{}] }), false],
    ["the status of one whose labels are not told", change("Service", "web/shop", { subresource: "status" }), false],
    ["one whose labels are not told: it may have got ours", change("Service", "web/shop"), true],
    ["the end of one that had no label of ours", change("Service", "web/shop", { operation: "delete" }), false],
    ["the end of some whose names are not told", change("Service", "web/", { operation: "delete" }), true],
  ])("%s", (_what, one, expected, settings) => {
    expect(matters(one, settings)).toBe(expected);
  });
});

describe("EndpointSlices", () => {
  it.each<Row>([
    ["of a backend, by the label", change("EndpointSlice", "apps/x", { labels: [slice("janus")] }), true],
    ["that leaves a backend", change("EndpointSlice", "apps/x", { labels: [slice("janus"), slice("other")] }), true],
    ["of a Service of the same name elsewhere", change("EndpointSlice", "web/x", { labels: [slice("janus"), slice("janus")] }), false],
    ["of another Service", change("EndpointSlice", "apps/janus-abcde", { labels: [slice("janus-admin")] }), false],
    ["without the label", change("EndpointSlice", "apps/x", { labels: [{}, {}] }), false],
    ["that was a backend's when we looked, whatever it is now", change("EndpointSlice", "media/hand-made", { labels: [slice("other")] }), true],
    ["of which nothing is told, in a namespace with backends", change("EndpointSlice", "apps/anything"), true],
    ["in one without", change("EndpointSlice", "web/shop-abcde"), false],
    ["whose name is generated for a backend", change("EndpointSlice", "apps/janus-abcde", { nameIsGenerated: true }), true],
    ["whose name is generated for another Service", change("EndpointSlice", "apps/shop-abcde", { nameIsGenerated: true }), false],
    ["whose generated name is not told", change("EndpointSlice", "apps/", { operation: "create", nameIsGenerated: true }), true],
    ["with slices not read", change("EndpointSlice", "apps/x", { labels: [slice("janus")] }), false, { endpointSlices: false }],
    ["with no discovery of endpoints", change("EndpointSlice", "apps/x", { labels: [slice("janus")] }), false, { endpointDiscovery: false }],
  ])("%s", (_what, one, expected, settings) => {
    expect(matters(one, settings)).toBe(expected);
  });
});

it("knows generated names that the API server cut", () => {
  const long = "a".repeat(63);
  const known = refs({ references: { backends: new Set([`apps/${long}`]) } });
  const named = (name: string) => matters(change("EndpointSlice", `apps/${name}`, { nameIsGenerated: true }), {}, known);
  expect(named(`${"a".repeat(58)}x2vlb`)).toBe(true);
  expect(named(`${"a".repeat(57)}bx2vlb`)).toBe(false);
});

describe("Endpoints", () => {
  it.each<Row>([
    ["of a backend, where they are read", change("Endpoints", "apps/janus"), true, { endpointSlices: false }],
    ["of another Service", change("Endpoints", "apps/shop"), false, { endpointSlices: false }],
    ["where slices are read", change("Endpoints", "apps/janus"), false],
    ["where neither is", change("Endpoints", "apps/janus"), false, { endpointSlices: false, endpointDiscovery: false }],
  ])("%s", (_what, one, expected, settings) => {
    expect(matters(one, settings)).toBe(expected);
  });
});

describe("what is referred to by name", () => {
  it.each<Row>([
    ["a Secret that is used", change("Secret", "media/cert"), true],
    ["another", change("Secret", "media/other"), false],
    ["Secrets of a namespace in which some are used", change("Secret", "media/", { operation: "delete" }), true],
    ["Secrets of another namespace", change("Secret", "web/", { operation: "delete" }), false],
    ["a namespace whose labels count (I17)", change("Namespace", "media", { labels: [{}, { tier: "a" }] }), true],
    ["the same, of which nothing is told", change("Namespace", "media"), true],
    ["the same, its labels as they were", change("Namespace", "media", { labels: [{ a: "1", b: "2" }, { b: "2", a: "1" }] }), false],
    ["its status", change("Namespace", "media", { subresource: "status" }), false],
    ["another namespace", change("Namespace", "web", { labels: [{}, { tier: "a" }] }), false],
  ])("%s", (_what, one, expected, settings) => {
    expect(matters(one, settings)).toBe(expected);
  });
});

describe("Nodes", () => {
  it.each<Row>([
    ["a new one", change("Node", "n", { operation: "create", addresses: ["[]"] }), true],
    ["one with another address", change("Node", "n", { addresses: ["[]", '[["ExternalIP","192.0.2.1"]]'] }), true],
    ["a heartbeat", change("Node", "n", { subresource: "status", addresses: ["[]", "[]"] }), false],
    ["a status of which nothing is told: taken for a heartbeat", change("Node", "n", { subresource: "status" }), false],
    ["one whose addresses are told once", change("Node", "n", { addresses: ["[]"] }), true],
    ["one of which nothing is told", change("Node", "n"), true],
  ])("%s", (_what, one, expected, settings) => {
    expect(matters(one, settings)).toBe(expected);
  });
});

describe("workloads and ConfigMaps", () => {
  it.each<Row>([
    ["the Deployment of a Gateway", change("Deployment", "media/gw", { labels: [{}, {}] }), true],
    ["its status", change("Deployment", "media/gw", { subresource: "status" }), false],
    ["its scale", change("Deployment", "media/gw", { subresource: "scale" }), true],
    ["that of a Gateway whose class is gone", change("Deployment", "old/orphan"), true],
    ["that of a Gateway of another controller", change("Deployment", "web/nginx"), false],
    ["a DaemonSet in its place", change("DaemonSet", "media/gw", { operation: "create" }), true],
    ["another Deployment", change("Deployment", "web/shop"), false],
    ["Deployments of a namespace with Gateways of ours", change("Deployment", "media/", { operation: "delete" }), true],
    ["Deployments of another namespace", change("Deployment", "shop/", { operation: "delete" }), false],
    ["the ConfigMap of a class, in legacy mode", change("ConfigMap", "stunner/stunnerd-config"), true, { mode: "legacy" }],
    ["one with our label", change("ConfigMap", "old/stunnerd-config", { labels: [OWNED] }), true, { mode: "legacy" }],
    ["another", change("ConfigMap", "web/shop", { labels: [{}] }), false, { mode: "legacy" }],
    ["any, in managed mode", change("ConfigMap", "stunner/stunnerd-config"), false],
  ])("%s", (_what, one, expected, settings) => {
    expect(matters(one, settings)).toBe(expected);
  });
});

describe("CRDs (I44)", () => {
  it.each<Row>([
    ["of Gateway API", change("CustomResourceDefinition", "udproutes.gateway.networking.k8s.io", { operation: "create" }), true],
    ["of stunner", change("CustomResourceDefinition", "udproutes.stunner.l7mp.io", { operation: "delete" }), true],
    ["of somebody else", change("CustomResourceDefinition", "gateways.networking.istio.io"), false],
    ["whose names are not told", change("CustomResourceDefinition", "", { operation: "delete" }), true],
  ])("%s", (_what, one, expected, settings) => {
    expect(matters(one, settings)).toBe(expected);
  });
});

describe("what is not known", () => {
  it("matters: a kind without a rule", () => {
    expect(matters(change("Lease", "a/b"))).toBe(true);
  });

  it("matters: everything, without references", () => {
    for (const one of [change("Secret", "web/other"), change("EndpointSlice", "web/x", { labels: [slice("y")] }), change("Gateway", "web/nginx", { classes: ["nginx"] })]) {
      expect(isRelevant(one, undefined, SETTINGS)).toBe(true);
    }
  });

  it("does not make a heartbeat or our own status matter", () => {
    expect(isRelevant(change("Node", "n", { subresource: "status" }), undefined, SETTINGS)).toBe(false);
    expect(isRelevant(change("UDPRoute", "a/b", { subresource: "status", manager: "stunner-serverless" }), undefined, SETTINGS)).toBe(false);
  });
});
