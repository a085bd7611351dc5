import { describe, expect, it } from "vitest";
import { type JsonObject, toJsonObject } from "../support/json.ts";
import { RENDER_OPTIONS } from "../support/render-settings.ts";
import { judged, knowing, request, sentences } from "../support/reviews.ts";

const GATEWAY_API = "gateway.networking.k8s.io/v1";
const STUNNER = "stunner.l7mp.io/v1";

const CLASS: JsonObject = {
  apiVersion: GATEWAY_API, kind: "GatewayClass", metadata: { name: "stunner" },
  spec: { controllerName: RENDER_OPTIONS.controllerName, parametersRef: { group: "stunner.l7mp.io", kind: "GatewayConfig", namespace: "system", name: "config" } },
};
const CONFIG = { apiVersion: STUNNER, kind: "GatewayConfig", metadata: { namespace: "system", name: "config" }, spec: { userName: "alice", password: "hunter-2" } };
const DATAPLANE = { apiVersion: STUNNER, kind: "Dataplane", metadata: { name: "default" }, spec: {} };
const UDP = { name: "udp", port: 3478, protocol: "TURN-UDP" };

const config = (spec: JsonObject) => ({ ...CONFIG, spec });
const gateway = (listeners: readonly object[], { annotations, spec }: { annotations?: Record<string, string>; spec?: object } = {}): JsonObject =>
  toJsonObject({
    apiVersion: GATEWAY_API, kind: "Gateway", metadata: { namespace: "media", name: "gw", annotations },
    spec: { gatewayClassName: "stunner", listeners, ...spec },
  });
const route = (backendRefs: readonly object[], parentRefs: readonly object[] = [{ name: "gw" }], apiVersion = STUNNER): JsonObject =>
  toJsonObject({ apiVersion, kind: "UDPRoute", metadata: { namespace: "media", name: "r" }, spec: { parentRefs, rules: [{ backendRefs }] } });
const prefixes = (...list: string[]) => ({ apiVersion: STUNNER, kind: "StaticService", metadata: { namespace: "media", name: "s" }, spec: { prefixes: list } });

const PLATFORM = [CLASS, CONFIG, DATAPLANE];
const platform = knowing(...PLATFORM);
const running = knowing(...PLATFORM, gateway([UDP]));
const port = "UDP port 3478 is already in use; give each listener of a transport a port of its own";

const annotation = (name: string): string => `metadata.annotations[stunner.l7mp.io/${name}]`;

describe("what an object alone proves", () => {
  const noMap = 'ignored, since it is no JSON object of listener names and port numbers such as {"udp":30478}';
  const protocols = "accepted: TURN-UDP, TURN-TCP, TURN-TLS, TURN-DTLS, UDP, TCP, TLS, DTLS";
  it.each<[string, JsonObject, string]>([
    ["unknown protocol", gateway([{ ...UDP, protocol: "HTTP" }]), `spec.listeners[0].protocol: protocol "HTTP" is not supported; ${protocols}`],
    ["port conflict", gateway([UDP, { ...UDP, name: "other", protocol: "UDP" }]), `spec.listeners[1].port: ${port}`],
    [
      "TLS without a certificate", gateway([{ ...UDP, protocol: "TURN-TLS" }]),
      "spec.listeners[0].tls: a TLS or DTLS listener needs tls.mode Terminate and a certificateRefs entry that names a Secret",
    ],
    ["node ports that are no JSON", gateway([UDP], { annotations: { "stunner.l7mp.io/nodeport": "{udp" } }), `${annotation("nodeport")}: ${noMap}`],
    ["target ports that are no JSON", gateway([UDP], { annotations: { "stunner.l7mp.io/targetport": "udp=1" } }), `${annotation("targetport")}: ${noMap}`],
    [
      "unknown service type", gateway([UDP], { annotations: { "stunner.l7mp.io/service-type": "Public" } }),
      `${annotation("service-type")}: unknown service type "Public" is ignored; accepted: ClusterIP, NodePort, LoadBalancer, ExternalName, None`,
    ],
    [
      "parameters of another kind", gateway([UDP], { spec: { infrastructure: { parametersRef: { group: "", kind: "ConfigMap", name: "x" } } } }),
      'spec.infrastructure.parametersRef: ConfigMap of group "" is not known; accepted: Dataplane of group stunner.l7mp.io',
    ],
    ["missing credential", config({ userName: "alice" }), "spec.password: static authentication needs password, which is not set"],
    ["wrong type", config({ authType: "statical" }), "spec.authType: unknown authentication type; accepted: static, plaintext, ephemeral, timewindowed, longterm"],
    ["credentials elsewhere", config({ authRef: { kind: "ConfigMap", name: "x" } }), 'spec.authRef.kind: kind "ConfigMap" cannot hold credentials; accepted: Secret'],
    [
      "inherited node ports", config({ userName: "a", password: "b", loadBalancerServiceAnnotations: { "stunner.l7mp.io/nodeport": "[]" } }),
      `spec.loadBalancerServiceAnnotations[stunner.l7mp.io/nodeport]: ${noMap}`,
    ],
    ["offload engine", { ...DATAPLANE, spec: { offloadEngine: "XDPfoo" } }, 'spec.offloadEngine: unknown offload engine "XDPfoo"; accepted: None, XDP, TC, Auto'],
    ["class without parameters", { ...CLASS, spec: { controllerName: RENDER_OPTIONS.controllerName } }, "spec.parametersRef: parametersRef is missing; accepted: a GatewayConfig of group stunner.l7mp.io with its namespace"],
    ["backend of a wrong kind", route([{ kind: "Pod", name: "x" }]), 'spec.rules[0].backendRefs: Pod media/x of group "" cannot be a backend; accepted: Service of group "", StaticService of group "stunner.l7mp.io"'],
    ["bad prefix", prefixes("192.0.2.0/24", "sfu.example"), 'spec.prefixes: StaticService media/s: "sfu.example" left out; accepted: an IP address or an address prefix such as 192.0.2.0/24'],
  ])("%s is told, and refused in the mode deny", (_what, object, sentence) => {
    expect(sentences(judged(request(object), { snapshot: running }))).toEqual([sentence]);
    const denied = judged(request(object), { snapshot: running, mode: "deny" });
    expect([denied.allowed, denied.message]).toEqual([false, sentence]);
  });

  it("is no reason to refuse what had the same mistake before, nor to keep an object that is going", () => {
    const wrong = gateway([UDP, { ...UDP, name: "other", protocol: "UDP" }]);
    const labelled = { ...wrong, metadata: { namespace: "media", name: "gw", labels: { team: "a" } } };
    const told = judged(request(labelled, wrong), { snapshot: platform, mode: "deny" });
    expect([told.allowed, sentences(told)]).toEqual([true, [`spec.listeners[1].port: ${port}`]]);
    const worse = gateway([UDP, { ...UDP, name: "other", protocol: "UDP" }, { name: "x", port: 1, protocol: "X" }]);
    expect(judged(request(worse, wrong), { snapshot: platform, mode: "deny" })).toMatchObject({ allowed: false, message: expect.stringContaining("spec.listeners[2].protocol") });
    const going = { ...wrong, metadata: { namespace: "media", name: "gw", deletionTimestamp: "2026-01-01T00:00:00Z" } };
    expect(judged(request(going, gateway([UDP])), { snapshot: platform, mode: "deny" })).toEqual({ allowed: true, warnings: [] });
  });

  it("does not refuse what may be another controller's, and says nothing of what is", () => {
    const web = gateway([{ name: "web", port: 80, protocol: "HTTP" }]);
    const foreign = { ...CLASS, spec: { controllerName: "istio.io/gateway-controller" } };
    expect(judged(request(web), { snapshot: knowing(foreign), mode: "deny" })).toEqual({ allowed: true, warnings: [] });
    expect(judged(request(web), { mode: "deny" })).toMatchObject({ allowed: true, warnings: [expect.stringContaining("HTTP"), expect.anything()] });
    expect(judged(request(web), { mode: "deny", blind: true })).toEqual({ allowed: true, warnings: [] });
    expect(judged(request(foreign), { mode: "deny" })).toEqual({ allowed: true, warnings: [] });
    const pods = route([{ kind: "Pod", name: "x" }], undefined, "gateway.networking.k8s.io/v1");
    expect(judged(request(pods), { snapshot: knowing(foreign, web), mode: "deny" })).toEqual({ allowed: true, warnings: [] });
    expect(judged(request(pods), { mode: "deny" }).allowed).toBe(true);
    expect(judged(request(pods), { snapshot: running, mode: "deny" }).allowed).toBe(false);
  });

  it("of our own kinds counts though nothing is known", () => {
    expect(judged(request(config({})), { mode: "deny", blind: true })).toMatchObject({ allowed: false });
    expect(judged(request(prefixes("x")), { mode: "deny", blind: true })).toMatchObject({ allowed: false });
  });
});

describe("what depends on other objects", () => {
  const tls = gateway([{ name: "tls", port: 443, protocol: "TURN-TLS", tls: { certificateRefs: [{ name: "cert" }] } }]);
  it.each<[string, JsonObject, Parameters<typeof judged>[1], string[]]>([
    ["a config that is not there", CLASS, {}, ["spec.parametersRef: GatewayConfig system/config does not exist"]],
    ["a class without its config", gateway([UDP]), { snapshot: knowing(CLASS) }, ["GatewayClass stunner: spec.parametersRef: GatewayConfig system/config does not exist"]],
    ["a Secret that was looked for", tls, { snapshot: { ...platform, absent: ["/Secret/media/cert"] } }, ["spec.listeners[0].tls.certificateRefs[0]: Secret media/cert does not exist"]],
    ["a Secret of which nothing is known", tls, { snapshot: platform }, []],
    ["a Gateway that is not there", route([{ name: "svc" }], [{ name: "nowhere" }]), { snapshot: running }, ["spec.parentRefs[0]: Gateway media/nowhere does not exist"]],
    [
      "a listener that is not there", route([{ name: "svc" }], [{ name: "gw", sectionName: "tcp" }]), { snapshot: running },
      ["spec.parentRefs[0]: Gateway media/gw has no listener of that sectionName and port; it has: udp (port 3478)"],
    ],
    [
      "a namespace that is not admitted", { ...route([{ name: "svc" }], [{ namespace: "media", name: "gw" }]), metadata: { namespace: "web", name: "r" } }, { snapshot: running },
      ["spec.parentRefs[0]: allowedRoutes of Gateway media/gw admits no UDPRoute of namespace web and this group"],
    ],
    ["a Service that was looked for", route([{ name: "svc" }]), { snapshot: { ...running, absent: ["/Service/media/svc"] } }, ["spec.rules[0].backendRefs: Service media/svc does not exist"]],
    ["a Service of which nothing is known", route([{ name: "svc" }]), { snapshot: running }, []],
    [
      "a port of stunnerd itself", gateway([{ name: "tcp", port: 8086, protocol: "TURN-TCP" }]), { snapshot: platform },
      ["spec.listeners[0].port: TCP port 8086 is already in use; give each listener of a transport a port of its own"],
    ],
  ])("%s is told and never refused", (_what, object, known, expected) => {
    const verdict = judged(request(object), { ...known, mode: "deny" });
    expect([verdict.allowed, sentences(verdict)]).toEqual([true, expected]);
  });

  it("tells of a deletion and of an edit what they break elsewhere", () => {
    const known = knowing(...PLATFORM, gateway([UDP]), route([{ name: "svc" }], [{ name: "gw", sectionName: "udp" }]));
    expect(sentences(judged(request(undefined, CONFIG), { snapshot: known, mode: "deny" }))).toEqual([
      "GatewayClass stunner: spec.parametersRef: GatewayConfig system/config does not exist",
    ]);
    const verdict = judged(request(gateway([{ ...UDP, name: "renamed" }]), gateway([UDP])), { snapshot: known, mode: "deny" });
    expect([verdict.allowed, sentences(verdict)]).toEqual([true, [
      "UDPRoute media/r: spec.parentRefs[0]: Gateway media/gw has no listener of that sectionName and port; it has: renamed (port 3478)",
      "disrupts: listener media/gw/udp restarts, calls there end",
    ]]);
  });

  it("marks what restarts a listener or replaces pods (improvements I50)", () => {
    const moved = judged(request(gateway([{ ...UDP, port: 3479 }]), gateway([UDP])), { snapshot: running });
    expect(sentences(moved)).toEqual(["disrupts: listener media/gw/udp restarts, calls there end"]);
    const image = judged(request({ ...DATAPLANE, spec: { image: "stunnerd:2" } }, DATAPLANE), { snapshot: running });
    expect(sentences(image)).toEqual(["disrupts: the pods of Deployment media/gw are replaced, calls there end"]);
    const realm = judged(request({ ...CONFIG, spec: { ...CONFIG.spec, realm: "a.example" } }, CONFIG), { snapshot: running });
    expect(sentences(realm)).toEqual(["disrupts: listener media/gw/udp restarts, calls there end"]);
    expect(judged(request({ ...CONFIG, spec: { ...CONFIG.spec, password: "other" } }, CONFIG), { snapshot: running }).warnings).toEqual([]);
  });
});

describe("an object that cannot be read", () => {
  it("is told of, where it can only be ours, and never refused", () => {
    const odd = { ...CONFIG, spec: { realm: "Not A Realm" } };
    expect(judged(request(odd), { mode: "deny" })).toEqual({ allowed: true, warnings: ["GatewayConfig system/config: spec.realm: cannot be read: must be a lower-case DNS name"] });
    expect(judged(request({ ...gateway([]), spec: { listeners: 3 } }), { mode: "deny" })).toEqual({ allowed: true, warnings: [] });
  });

  it("is read at older versions, and without the name that it asks for", () => {
    const old = { ...CONFIG, apiVersion: "stunner.l7mp.io/v1alpha1", metadata: { namespace: "system", generateName: "c-" }, spec: { authType: "longterm" } };
    expect(judged(request(old), { mode: "deny" })).toMatchObject({ allowed: false, message: "spec.sharedSecret: ephemeral authentication needs sharedSecret, which is not set" });
  });
});
